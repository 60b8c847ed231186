"""A migrated PostgreSQL database that one test after the other uses, emptied in between.

A copy of a template is some hundred files, which costs more than most tests do. Emptying finds the few tables a test
wrote to. What a test did to the schema cannot be wiped away: such a database is thrown away and copied anew.
"""

from __future__ import annotations

import secrets

from sqlalchemy import Connection, Engine, create_engine, make_url, text

from tests.support.postgres import ORDINARY, as_superuser

# What is in the middle of a transaction is waited for, so that it cannot commit into the emptied tables.
_END_OTHERS = """
    SELECT pg_terminate_backend(pid, CASE WHEN state = 'idle' THEN 0 ELSE 10000 END)
    FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_SCHEMA = """
    SELECT 'relation', oid::text, relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT 'column', attrelid::text, attname::text
        FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT 'constraint', oid::text, xmin::text FROM pg_constraint
    UNION ALL SELECT 'trigger', oid::text, xmin::text FROM pg_trigger
    UNION ALL SELECT 'policy', oid::text, xmin::text FROM pg_policy
    UNION ALL SELECT 'function', oid::text, xmin::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT 'revision', version_num, '' FROM alembic_version
"""
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
# Triggers and foreign keys guard what the application writes, not what the tests throw away.
_UNGUARDED = {"options": "-c session_replication_role=replica"}


class ReusedDatabase:
    """One database of a server, copied from `template`; for one test at a time."""

    def __init__(self, server_url: str, template: str) -> None:
        self._server = create_engine(as_superuser(server_url), isolation_level="AUTOCOMMIT")
        self._template = template
        self._copy()

    def empty(self) -> None:
        """Ends every connection to it and makes it what a fresh copy would be."""
        with self._inside.connect() as connection:
            connection.execute(text(_END_OTHERS))
            is_as_copied = _schema(connection) == self._schema
            if is_as_copied:
                for table in self._written(connection):
                    connection.execute(text(f"DELETE FROM {table}"))  # noqa: S608 - as below
        if not is_as_copied:
            self._drop()
            self._copy()

    def close(self) -> None:
        """Drops it."""
        self._drop()
        self._server.dispose()

    def _copy(self) -> None:
        self._name = f"test_{secrets.token_hex(8)}"
        self._administer(f"CREATE DATABASE {self._name} OWNER {ORDINARY} TEMPLATE {self._template}")
        address = make_url(self._server.url).set(username=ORDINARY, database=self._name)
        self.url = address.render_as_string(hide_password=False)
        self._inside = _unguarded(as_superuser(self.url))
        with self._inside.connect() as connection:
            self._schema = _schema(connection)
            self._tables = [f'"{name}"' for name in connection.scalars(text(_TABLES))]
            if filled := self._written(connection):
                raise RuntimeError(f"a migrated database is not empty, so that emptying would lose rows: {filled}")

    def _drop(self) -> None:
        self._inside.dispose()
        self._administer(f"DROP DATABASE {self._name} WITH (FORCE)")

    def _written(self, connection: Connection) -> list[str]:
        parts = (f"SELECT '{table}' WHERE EXISTS (SELECT FROM {table})" for table in self._tables)  # noqa: S608 - names of our own tables
        return list(connection.scalars(text(" UNION ALL ".join(parts))))

    def _administer(self, statement: str) -> None:
        with self._server.connect() as connection:
            connection.execute(text(statement))


def _unguarded(url: str) -> Engine:
    return create_engine(url, isolation_level="AUTOCOMMIT", pool_pre_ping=True, connect_args=_UNGUARDED)


def _schema(connection: Connection) -> set[tuple[str, ...]]:
    return {tuple(row) for row in connection.execute(text(_SCHEMA))}
