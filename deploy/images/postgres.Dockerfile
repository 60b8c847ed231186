# PostgreSQL with pgvector, where vectors are searched in the database: the release that compose.yml has without it, and the
# package from the repository that this base image already installs PostgreSQL from.
# docker build -f deploy/images/postgres.Dockerfile -t madoguchi-postgres:0.1.0 .
ARG POSTGRES=postgres:15.14-bookworm

FROM ${POSTGRES}
# That repository keeps the newest package of a release alone, so that an exact one could be built for some weeks only.
ARG PGVECTOR=0.8.*
RUN apt-get update \
    && apt-get install -y --no-install-recommends "postgresql-${PG_MAJOR}-pgvector=${PGVECTOR}" \
    && rm -rf /var/lib/apt/lists/*
# The image's own `postgres`, by the number that compose.yml and postgres.yml know it by.
USER 999:999
