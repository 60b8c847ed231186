# The application (Python 3.11): web, actions, jobs, console and the commands, told apart by the command.
# docker build -f deploy/images/app.Dockerfile -t madoguchi-app:0.1.0 .
ARG PYTHON=python:3.11.14-slim-bookworm

FROM ${PYTHON} AS build
ARG TORCH=torch==2.13.0
ENV PIP_NO_CACHE_DIR=1 UV_NO_CACHE=1 UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy
RUN pip install uv==0.13.9
WORKDIR /app
COPY requirements/app.txt requirements/app.txt
RUN uv venv .venv && uv pip install -p .venv --torch-backend=cpu "${TORCH}" -r requirements/app.txt
COPY LICENSE README.md pyproject.toml alembic.ini ./
COPY actions actions
COPY bot bot
COPY data/regression data/regression
COPY migrations migrations
COPY policy_corpus policy_corpus
# Compiled here: the processes may not write beside their code, and would compile it at every start.
RUN uv pip install -p .venv --no-deps -e . && .venv/bin/python -m compileall -q actions bot migrations

FROM ${PYTHON}
# `madoguchi backup` runs pg_dump and pg_restore. Debian keeps the newest package of a release alone: the major is pinned.
RUN apt-get update \
    && apt-get install -y --no-install-recommends "postgresql-client-15=15.*" \
    && rm -rf /var/lib/apt/lists/*
# Whom the code belongs to is not who runs it. A volume takes its first owner and mode from the folder it is put over.
RUN groupadd --system --gid 10001 madoguchi \
    && useradd --system --uid 10001 --gid madoguchi --home-dir /tmp --no-create-home madoguchi \
    && install -d -m 0700 -o madoguchi -g madoguchi /var/lib/madoguchi \
        /var/lib/madoguchi/data /var/lib/madoguchi/keys /var/lib/madoguchi/digests \
        /var/lib/madoguchi/deletions
WORKDIR /app
COPY --from=build /app /app
COPY --from=build --chown=10001:10001 /app/data/regression /app/data/regression
COPY --chmod=0555 deploy/images/with-secrets.sh deploy/images/alive.py /entry/
# The embedding engine takes one thread: more are many times slower where processors are shared. Two heaps are enough:
# with one a thread, what a turn needs for a moment would stay in each.
ENV PATH=/app/.venv/bin:$PATH \
    HOME=/tmp \
    OMP_NUM_THREADS=1 \
    MALLOC_ARENA_MAX=2 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    MADOGUCHI_DATA_DIR=/var/lib/madoguchi/data \
    MADOGUCHI_INDEX_DIR=/var/lib/madoguchi/data/index \
    MADOGUCHI_PERIOD_KEYS_DIR=/var/lib/madoguchi/keys \
    MADOGUCHI_DIGESTS_DIR=/var/lib/madoguchi/digests \
    MADOGUCHI_DELETIONS_DIR=/var/lib/madoguchi/deletions
USER 10001:10001
EXPOSE 8080 8081 5055
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["python", "/entry/alive.py", "http://127.0.0.1:8080/healthz"]
ENTRYPOINT ["/entry/with-secrets.sh"]
CMD ["python", "-m", "bot.app"]
