# Rasa (Python 3.10), alone, with the model trained from this very tree: a model file is code, and none comes from elsewhere.
# docker build -f deploy/images/rasa.Dockerfile -t madoguchi-rasa:0.1.0 .
ARG PYTHON=python:3.10.19-slim-bookworm

FROM ${PYTHON} AS build
ENV PIP_NO_CACHE_DIR=1 UV_NO_CACHE=1 UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy
RUN pip install uv==0.13.9
WORKDIR /app
COPY requirements/rasa.txt requirements/rasa.txt
RUN uv venv .venv && uv pip install -p .venv -r requirements/rasa.txt
COPY config.yml credentials.yml domain.yml endpoints.yml LICENSE ./
COPY bot/__init__.py bot/errors.py bot/
COPY bot/components bot/components
COPY bot/encoder bot/encoder
COPY data/nlu data/nlu
COPY data/rules data/rules
ENV OMP_NUM_THREADS=1 RASA_TELEMETRY_ENABLED=false
RUN .venv/bin/python -m compileall -q bot \
    && .venv/bin/rasa train --fixed-model-name current --out models \
    && rm -rf .rasa

FROM ${PYTHON}
RUN groupadd --system --gid 10002 rasa \
    && useradd --system --uid 10002 --gid rasa --home-dir /tmp --no-create-home rasa
WORKDIR /app
COPY --from=build /app /app
COPY --chmod=0555 deploy/images/with-secrets.sh deploy/images/alive.py /entry/
# One thread, two heaps, no telemetry, and none of its libraries' warnings about each other in the log.
ENV PATH=/app/.venv/bin:$PATH \
    HOME=/tmp \
    MPLCONFIGDIR=/tmp \
    MALLOC_ARENA_MAX=2 \
    OMP_NUM_THREADS=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    RASA_TELEMETRY_ENABLED=false \
    SQLALCHEMY_SILENCE_UBER_WARNING=1
USER 10002:10002
EXPOSE 5005
HEALTHCHECK --interval=10s --timeout=5s --start-period=120s CMD ["python", "/entry/alive.py", "http://127.0.0.1:5005/webhooks/inspect/ready"]
ENTRYPOINT ["/entry/with-secrets.sh"]
CMD ["rasa", "run", "-m", "models/current.tar.gz", "-i", "0.0.0.0", "-p", "5005", "--endpoints", "endpoints.yml", "--credentials", "credentials.yml", "--response-timeout", "30"]
