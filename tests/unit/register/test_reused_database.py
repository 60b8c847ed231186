"""The tests' own database: whoever takes it next finds nothing of whoever had it before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, text

from bot.storage.engine import Base, open_engine, transaction
from bot.storage.walls import EVERY
from tests.support.databases import COMPANY
from tests.support.reused_database import ReusedDatabase

pytestmark = pytest.mark.postgres
Make = Callable[..., Any]


@pytest.fixture
def taken(reused_database: ReusedDatabase) -> Iterator[Engine]:
    opened = open_engine(reused_database.url, controller=COMPANY)
    yield opened
    opened.dispose()
    reused_database.empty()


def _rows(url: str) -> int:
    engine = open_engine(url, controller=EVERY)
    with transaction(engine) as session:
        total = sum(session.scalar(select(func.count()).select_from(table)) or 0 for table in _tables())
    engine.dispose()
    return total


def _tables() -> list[Any]:
    return list(Base.metadata.tables.values())


def test_all_that_was_written_is_gone_even_from_what_nobody_may_change(
    taken: Engine, reused_database: ReusedDatabase, filed: Make
) -> None:
    url = reused_database.url
    with transaction(taken) as session:
        filed(session)
    assert _rows(url) > 0

    reused_database.empty()

    assert (reused_database.url, _rows(url)) == (url, 0)


def test_what_was_left_open_does_not_come_in_afterwards(
    taken: Engine, reused_database: ReusedDatabase, filed: Make
) -> None:
    with transaction(taken) as session:
        filed(session)
    left_open = taken.connect()
    left_open.execute(text("UPDATE request SET scope = scope"))

    reused_database.empty()

    left_open.invalidate()
    assert _rows(reused_database.url) == 0


def test_a_changed_schema_is_not_handed_on(taken: Engine, reused_database: ReusedDatabase) -> None:
    url = reused_database.url
    with taken.begin() as connection:
        connection.execute(text("DROP TRIGGER audit_change_is_refused ON audit"))

    reused_database.empty()

    assert reused_database.url != url
    assert _rows(reused_database.url) == 0
