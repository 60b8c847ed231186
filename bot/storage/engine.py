"""The one door to the database: SQLite by default, PostgreSQL when configured, the same code on both."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Session

from bot.errors import UnavailableError


class Base(DeclarativeBase):
    """The metadata every room's tables hang on; Alembic compares the schema with it."""


class DatabaseIsBusyError(UnavailableError):
    """Somebody else has held the lock for longer than one may wait; nothing was changed."""


def open_engine(url: str) -> Engine:
    """Opens a pool of connections.

    SQLite runs in WAL mode with synchronous=FULL, so that a commit that returned survives a crash of the machine,
    and with secure_delete, so that deleted rows are overwritten.

    On both, the text of a database error never shows the values of its statement: they may be personal.

    Args:
        url: an SQLAlchemy URL, `sqlite:///file` or `postgresql+psycopg://…`.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, pool_pre_ping=True, hide_parameters=True)
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed, connect_args={"timeout": 5}, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_immediate)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:  # noqa: ANN401 - the driver's own types
    # The driver must not open transactions by itself: `_begin_immediate` does.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_immediate(connection: Any) -> None:  # noqa: ANN401 - the driver's own types
    # A transaction that reads first and writes later fails with "database is locked" when another writer came
    # between. Taking the write lock at once makes writers wait for each other instead.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """One transaction: commits when the block ends, rolls back when it raises.

    Objects stay readable after the commit.

    Raises:
        DatabaseIsBusyError: on SQLite, the lock was not to be had in time.
    """
    try:
        with Session(engine, expire_on_commit=False) as session, session.begin():
            yield session
    except OperationalError as error:
        if not _is_locked(error):
            raise
        raise DatabaseIsBusyError("the database is busy") from error


def _is_locked(error: OperationalError) -> bool:
    # The lower byte is the primary result code; the extended ones say which lock it was.
    code = getattr(error.orig, "sqlite_errorcode", 0)
    return code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
