"""The one door to the database: SQLite by default, PostgreSQL when configured, the same code on both."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any, NoReturn, cast
from weakref import WeakKeyDictionary

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import QueuePool

from bot.errors import UnavailableError
from bot.storage.patient import connecting
from bot.storage.turnstile import Turnstile, WaitWasTooLongError
from bot.storage.walls import OPTION, WalledSession, startup

_READING = "madoguchi_reading"
_PASSING = "madoguchi_passing"

# Transactions of this process that PostgreSQL gets at a time.
_AT_ONCE = 3

# How long whoever is at a connection is waited for when it is to be closed: longer than a statement may take.
_LONGEST_USE_SECONDS = 30.0
_LOOK_SECONDS = 0.01

# How long readers are waited for while the journal is emptied: as long do writers wait.
_JOURNAL_PATIENCE_MS = 50

_LOCKED = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_UNUSABLE = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY})

# One for each database that this process writes to.
_turnstiles: WeakKeyDictionary[Engine, Turnstile] = WeakKeyDictionary()


class Base(DeclarativeBase):
    """The metadata every room's tables hang on; Alembic compares the schema with it."""


class DatabaseIsBusyError(UnavailableError):
    """Somebody else has held the lock for longer than one may wait; nothing was changed."""


class DatabaseIsAwayError(UnavailableError):
    """It does not answer, or its disk takes nothing more; what was to be committed may have been, or not."""


class DatabaseIsClosedError(UnavailableError):
    """This process is about to end, and begins nothing more."""


def open_engine(
    url: str, *, controller: str | None = None, patience: float = 5.0, answer_within: float | None = None
) -> Engine:
    """Opens a pool of connections that work with the rows of one company.

    SQLite runs in WAL mode with synchronous=FULL, so that a commit that returned survives a crash of the machine,
    and with secure_delete, so that deleted rows are overwritten.

    On both, the text of a database error never shows the values of its statement: they may be personal.

    Args:
        url: an SQLAlchemy URL, `sqlite:///file` or `postgresql+psycopg://…`.
        controller: the company; `EVERY` for what spans all of them. Without one, PostgreSQL shows no row that is
            somebody's, and an SQLite file has no wall.
        patience: how many seconds a writer waits for those before it in this process; on SQLite then as many for
            other processes.
        answer_within: how many seconds a statement may take before PostgreSQL counts as away; None waits for long ones.
    """
    parsed, options = make_url(url), {OPTION: controller}
    if parsed.get_backend_name() != "sqlite":
        named = {} if controller is None else startup(controller, _options_of(parsed))
        engine = create_engine(
            parsed, pool_pre_ping=True, hide_parameters=True, connect_args=named, execution_options=options
        )
        event.listen(engine, "begin", _begin_postgresql)
        if answer_within is not None:
            event.listen(engine, "do_connect", connecting(answer_within))
        _turnstiles[engine] = Turnstile(patience=patience, places=_AT_ONCE)
        return engine
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed, connect_args={"timeout": patience}, hide_parameters=True, execution_options=options)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    _turnstiles[engine] = Turnstile(patience=patience)
    return engine


def take_turns_together(engine: Engine, other: Engine) -> None:
    """Has the writers of both engines, which lead to the same database, go one after the other as those of one do."""
    _turnstiles[engine] = _turnstiles[other]


def close(engine: Engine) -> None:
    """Closes the connections as soon as nobody is at one; from now on none is opened.

    A thread whose caller has given up is at the database all the same. What it gave back to a pool that was closed in
    the meantime, nobody would close.
    """
    event.listen(engine, "do_connect", _refuse)
    pool = cast("QueuePool", engine.pool)
    deadline = time.monotonic() + _LONGEST_USE_SECONDS
    while pool.checkedout() and time.monotonic() < deadline:
        time.sleep(_LOOK_SECONDS)
    engine.dispose()


def _refuse(*_: object) -> NoReturn:
    raise DatabaseIsClosedError("the database is closed in this process")


def _options_of(url: URL) -> str:
    given = url.query.get("options", "")
    return given if isinstance(given, str) else " ".join(given)


def _prepare_sqlite(connection: Any, _record: Any) -> None:  # noqa: ANN401 - the driver's own types
    # The driver must not open transactions by itself: `_begin_sqlite` does.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Any) -> None:  # noqa: ANN401 - the driver's own types
    options = connection.get_execution_options()
    synchronous = "NORMAL" if options.get(_PASSING) else "FULL"
    if connection.info.setdefault("synchronous", "FULL") != synchronous:
        connection.exec_driver_sql(f"PRAGMA synchronous={synchronous}")
        connection.info["synchronous"] = synchronous
    # A transaction that reads first and writes later fails with "database is locked" when another writer came
    # between. Taking the write lock at once makes writers wait for each other instead. Who only reads needs no lock:
    # in WAL mode a reader sees the last commit and is in nobody's way.
    connection.exec_driver_sql("BEGIN" if options.get(_READING) else "BEGIN IMMEDIATE")


def _begin_postgresql(connection: Any) -> None:  # noqa: ANN401 - the driver's own types
    if connection.get_execution_options().get(_PASSING):
        connection.exec_driver_sql("SET LOCAL synchronous_commit TO off")


@contextmanager
def transaction(engine: Engine, *, urgent: bool = False, passing: bool = False) -> Iterator[Session]:
    """One transaction: commits when the block ends, rolls back when it raises.

    Objects stay readable after the commit. Within one process the writers of an SQLite database go one by one, those of
    a PostgreSQL database a few at a time, in the order of coming.

    Args:
        engine: the database.
        urgent: whether it goes before all that are not, for what somebody outside waits for and gives up on: the
            acknowledgement of an event.
        passing: whether what it writes need not survive a crash of the machine, only one of the process; it does not
            wait for the disk then. A lease is such a thing: whoever held it is gone, too.

    Raises:
        DatabaseIsBusyError: it was not our turn in time, or on SQLite the lock was not to be had.
        DatabaseIsAwayError: it does not answer, or its disk is full.
    """
    bind = engine.execution_options(**{_PASSING: True}) if passing else engine
    try:
        with (
            _named_failures(),
            _in_turn(engine, urgent=urgent),
            WalledSession(bind, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session
    except WaitWasTooLongError as error:
        raise DatabaseIsBusyError("the database is busy") from error


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A session that only reads, and sees the database as it was at its first look; what it writes is lost.

    Objects stay readable afterwards. It waits for nobody, and nobody waits for it.

    Raises:
        DatabaseIsAwayError: it does not answer.
    """
    bind = engine.execution_options(**{_READING: True})
    with _named_failures(), WalledSession(bind, expire_on_commit=False) as session:
        yield session
        session.expunge_all()


def empty_journal(engine: Engine) -> bool:
    """Moves what stands in SQLite's journal into the database's file, and cuts the journal off.

    Until then the journal holds pages as they were, with what has been deleted since. Nobody waits for it for longer
    than a moment: while a reader still needs the journal, it stays as it is.

    Returns:
        Whether the journal is empty now; on another database than SQLite there is none to empty.
    """
    if engine.dialect.name != "sqlite":
        return True
    connection = engine.raw_connection()
    try:
        with suppress(WaitWasTooLongError, sqlite3.OperationalError):
            return _truncate_journal(engine, connection.cursor())
        return False
    finally:
        connection.close()


def _truncate_journal(engine: Engine, cursor: Any) -> bool:  # noqa: ANN401 - the driver's own type
    patience = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
    # Most of the work is done beside everybody else; only the rest keeps writers out.
    cursor.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    with _in_turn(engine, urgent=False):
        cursor.execute(f"PRAGMA busy_timeout={_JOURNAL_PATIENCE_MS}").fetchone()
        try:
            is_busy, _, _ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            cursor.execute(f"PRAGMA busy_timeout={patience}").fetchone()
    return not is_busy


def _in_turn(engine: Engine, *, urgent: bool) -> AbstractContextManager[None]:
    turnstile = _turnstiles.get(engine)
    return nullcontext() if turnstile is None else turnstile.passing(urgent=urgent)


@contextmanager
def _named_failures() -> Iterator[None]:
    """Gives failures of the database itself our names; what is wrong with a statement keeps the driver's."""
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        # On SQLite the lower byte is the primary result code; the extended ones say which lock it was. PostgreSQL's
        # driver has no such codes, and everything it calls operational is a failure of the server or of the way to it.
        code = getattr(error.orig, "sqlite_errorcode", None)
        if code is None:
            raise DatabaseIsAwayError(f"the database does not answer ({type(error.orig).__name__})") from error
        if code & 0xFF in _LOCKED:
            raise DatabaseIsBusyError("the database is busy") from error
        if code & 0xFF in _UNUSABLE:
            raise DatabaseIsAwayError(f"the database cannot be used (SQLite's error {code})") from error
        raise
