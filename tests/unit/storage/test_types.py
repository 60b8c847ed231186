from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Column, Engine, Integer, MetaData, Table, insert, select
from sqlalchemy.exc import StatementError

from bot.storage.types import UtcDateTime

MOMENTS = Table("moments", MetaData(), Column("id", Integer, primary_key=True), Column("at", UtcDateTime))


def _stored(engine: Engine, moment: datetime | None) -> datetime | None:
    MOMENTS.metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(insert(MOMENTS).values(id=1, at=moment))
    with engine.begin() as connection:
        found: datetime | None = connection.execute(select(MOMENTS.c.at)).scalar_one()
    return found


def test_a_moment_comes_back_in_utc(engine: Engine) -> None:
    tokyo = datetime(2026, 11, 23, 9, 0, 0, 123456, tzinfo=timezone(timedelta(hours=9)))

    stored = _stored(engine, tokyo)

    assert stored == tokyo
    assert stored is not None
    assert stored.tzinfo == UTC


def test_no_moment_stays_none(engine: Engine) -> None:
    assert _stored(engine, None) is None


def test_a_moment_without_a_zone_is_refused(engine: Engine) -> None:
    with pytest.raises(StatementError, match="no time zone"):
        _stored(engine, datetime(2026, 11, 23))  # noqa: DTZ001 - the missing zone is the point
