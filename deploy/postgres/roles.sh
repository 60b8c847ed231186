#!/bin/sh
# Run once by PostgreSQL's image over an empty volume: three roles that may do less than the superuser, two databases.
# The owner migrates; the application owns nothing (`madoguchi storage grants` says what it may do); Rasa sees only its
# own. Only the superuser may add pgvector's extension, so that a server that has it gets it here. psql reads each password from its file by itself, so that none stands on a command line.
set -eu
SECRETS=${SECRETS:-/run/secrets}
export SECRETS
exec psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres <<'SQL'
\set owner `cat "$SECRETS/owner-password"`
\set app `cat "$SECRETS/app-password"`
\set rasa `cat "$SECRETS/rasa-password"`
CREATE ROLE madoguchi_owner LOGIN PASSWORD :'owner';
CREATE ROLE madoguchi_app LOGIN PASSWORD :'app';
CREATE ROLE rasa LOGIN PASSWORD :'rasa';
CREATE DATABASE madoguchi OWNER madoguchi_owner;
CREATE DATABASE tracker OWNER rasa;
REVOKE ALL ON DATABASE madoguchi FROM PUBLIC;
REVOKE ALL ON DATABASE tracker FROM PUBLIC;
GRANT CONNECT ON DATABASE madoguchi TO madoguchi_app;
\connect madoguchi
SELECT 'CREATE EXTENSION vector' FROM pg_available_extensions WHERE name = 'vector' \gexec
SQL
