from __future__ import annotations

import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import DBAPIError

from bot.storage.engine import (
    DatabaseIsAwayError,
    DatabaseIsBusyError,
    DatabaseIsClosedError,
    close,
    open_engine,
    reading,
    transaction,
)

pytestmark = pytest.mark.companies


def _count(engine: Engine) -> int:
    with transaction(engine) as session:
        return int(session.execute(text("SELECT count(*) FROM lease")).scalar_one())


def _add(engine: Engine, name: str) -> None:
    statement = text("INSERT INTO lease (name, controller, holder, until) VALUES (:name, 'c', 'h', '2026-11-23')")
    with transaction(engine) as session:
        session.execute(statement, {"name": name})


def _add_until_it_is_full(engine: Engine) -> None:
    for number in range(1000):
        _add(engine, f"{number:0>3}")


def test_a_block_that_ends_commits(engine: Engine) -> None:
    _add(engine, "one")

    assert _count(engine) == 1


def test_a_block_that_raises_rolls_back(engine: Engine) -> None:
    def fail() -> None:
        with transaction(engine) as session:
            session.execute(
                text("INSERT INTO lease (name, controller, holder, until) VALUES ('n', 'c', 'h', '2026-11-23')")
            )
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert _count(engine) == 0


def test_writers_wait_for_each_other(engine: Engine) -> None:
    threads = [threading.Thread(target=_add, args=(engine, f"lease {number}")) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert _count(engine) == 8


def test_who_reads_does_not_wait_for_who_writes(engine: Engine) -> None:
    _add(engine, "before")
    with transaction(engine) as session:
        session.execute(text("DELETE FROM lease"))
        with reading(engine) as reader:
            assert reader.execute(text("SELECT name FROM lease")).scalars().all() == ["before"]


def test_what_a_reader_writes_is_lost(engine: Engine) -> None:
    _add(engine, "before")
    with reading(engine) as reader:
        reader.execute(text("DELETE FROM lease"))

    assert _count(engine) == 1


def test_what_may_pass_is_committed_and_the_next_lasts_again(engine: Engine) -> None:
    setting = "SHOW synchronous_commit" if engine.dialect.name == "postgresql" else "PRAGMA synchronous"
    seen = []
    for passing in (False, True, False):
        with transaction(engine, passing=passing) as session:
            seen.append(session.execute(text(setting)).scalar_one())
            statement = "INSERT INTO lease (name, controller, holder, until) VALUES (:name, 'c', 'h', '2026-11-23')"
            session.execute(text(statement), {"name": f"lease {len(seen)}"})

    assert _count(engine) == 3
    assert seen[0] == seen[2]
    assert seen[1] in {"off", 1}


def test_a_writer_of_sqlite_gives_up_on_those_before_it(sqlite_template: Path, tmp_path: Path) -> None:
    path = tmp_path / "madoguchi.db"
    shutil.copy(sqlite_template, path)
    opened = open_engine(f"sqlite:///{path}", patience=0.01)
    with transaction(opened), ThreadPoolExecutor(1) as pool, pytest.raises(DatabaseIsBusyError):
        pool.submit(_add, opened, "late").result()
    _add(opened, "afterwards")
    assert _count(opened) == 1
    opened.dispose()


@pytest.mark.parametrize(
    ("pragma", "value"), [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("secure_delete", 1)]
)
def test_sqlite_keeps_what_was_committed(tmp_path: Path, pragma: str, value: object) -> None:
    opened = open_engine(f"sqlite:///{tmp_path / 'folder' / 'madoguchi.db'}")
    with opened.connect() as connection:
        assert connection.execute(text(f"PRAGMA {pragma}")).scalar_one() == value
    opened.dispose()


def test_a_full_database_is_named_and_nothing_is_written(tmp_path: Path, sqlite_template: Path) -> None:
    path = tmp_path / "small.db"
    shutil.copy(sqlite_template, path)
    engine = open_engine(f"sqlite:///{path}")
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA max_page_count=1"))
    with pytest.raises(DatabaseIsAwayError):
        _add_until_it_is_full(engine)
    assert _count(engine) > 0
    engine.dispose()


@pytest.mark.postgres
def test_a_statement_that_takes_too_long_is_given_up_and_the_next_is_not(postgres_url: str) -> None:
    engine = open_engine(postgres_url, answer_within=0.2)
    with pytest.raises(DatabaseIsAwayError), transaction(engine) as session:
        session.execute(text("SELECT pg_sleep(30)"))
    with reading(engine) as session:
        assert session.scalar(text("SELECT 1")) == 1
    engine.dispose()


def test_closing_waits_for_whoever_is_at_it_and_lets_nobody_in_afterwards(database_url: str) -> None:
    engine = open_engine(database_url)
    opened: list[object] = []
    event.listen(engine, "connect", lambda connection, _: opened.append(connection))
    is_at_it, may_end = threading.Event(), threading.Event()

    def work() -> None:
        with reading(engine) as session:
            session.execute(text("SELECT 1"))
            is_at_it.set()
            may_end.wait(30)
        with reading(engine) as session:
            session.execute(text("SELECT 1"))

    with ThreadPoolExecutor(2) as threads:
        working = threads.submit(work)
        assert is_at_it.wait(30)
        closing = threads.submit(close, engine)
        with pytest.raises(TimeoutError):
            closing.result(timeout=0.2)
        may_end.set()
        closing.result(timeout=30)
        with suppress(DatabaseIsClosedError):  # it may have begun its second reading while the first one's was there
            working.result(timeout=30)
    with pytest.raises(DatabaseIsClosedError), reading(engine) as session:
        session.execute(text("SELECT 1"))
    assert len(opened) == 1


def test_a_wrong_statement_keeps_its_own_error(engine: Engine) -> None:
    with pytest.raises(DBAPIError), reading(engine) as session:
        session.execute(text("SELECT nothing FROM nowhere"))
