from __future__ import annotations

import threading
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from bot.storage.engine import open_engine, transaction


def _count(engine: Engine) -> int:
    with transaction(engine) as session:
        return int(session.execute(text("SELECT count(*) FROM lease")).scalar_one())


def _add(engine: Engine, name: str) -> None:
    statement = text("INSERT INTO lease (name, controller, holder, until) VALUES (:name, 'c', 'h', '2026-11-23')")
    with transaction(engine) as session:
        session.execute(statement, {"name": name})


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


@pytest.mark.parametrize(
    ("pragma", "value"), [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("secure_delete", 1)]
)
def test_sqlite_keeps_what_was_committed(tmp_path: Path, pragma: str, value: object) -> None:
    opened = open_engine(f"sqlite:///{tmp_path / 'folder' / 'madoguchi.db'}")
    with opened.connect() as connection:
        assert connection.execute(text(f"PRAGMA {pragma}")).scalar_one() == value
    opened.dispose()
