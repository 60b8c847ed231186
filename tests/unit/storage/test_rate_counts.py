from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from bot.clock import in_tokyo
from bot.notation import read_rates
from bot.storage.engine import transaction
from bot.storage.rate_counts import RateCount, count, forget_counts

NOW = datetime(2026, 11, 24, 14, 59, 30, tzinfo=UTC)


def once(session: Session, rates: str, *, key: str = "k", name: str = "tries", now: datetime = NOW) -> datetime | None:
    return count(session, name, controller="eparkrelax", key=key, rates=read_rates(rates), now=now)


def test_no_more_than_the_rate_and_then_the_moment_the_window_ends(engine: Engine) -> None:
    with transaction(engine) as session:
        told = [once(session, "2/hour") for _ in range(4)]

    assert told == [None, None, *[NOW.replace(hour=15, minute=0, second=0)] * 2]


def test_keys_names_and_windows_are_counted_apart(engine: Engine) -> None:
    with transaction(engine) as session:
        assert once(session, "1/hour") is None
        assert once(session, "1/hour", key="other") is None
        assert once(session, "1/hour", name="wishes") is None
        assert once(session, "1/hour", now=NOW + timedelta(hours=1)) is None
        assert once(session, "1/hour") is not None


@pytest.mark.parametrize("minutes", [0, 45])
def test_a_day_ends_at_midnight_in_japan(engine: Engine, minutes: int) -> None:
    now = NOW + timedelta(minutes=minutes)
    with transaction(engine) as session:
        once(session, "1/day", now=now)
        until = once(session, "1/day", now=now)

    assert until is not None
    local = in_tokyo(until)
    assert (local.hour, local.minute, local.second) == (0, 0, 0)
    assert timedelta(0) < until - now <= timedelta(days=1)


def test_the_longer_window_counts_over_the_shorter_ones(engine: Engine) -> None:
    with transaction(engine) as session:
        told = [once(session, "2/minute; 3/hour", now=NOW - timedelta(minutes=minute)) for minute in (9, 8, 7, 6)]

    assert [until is None for until in told] == [True, True, True, False]


def test_what_is_rolled_back_was_not_counted(engine: Engine) -> None:
    def count_and_fail() -> None:
        with transaction(engine) as session:
            once(session, "1/hour")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        count_and_fail()

    with transaction(engine) as session:
        assert once(session, "1/hour") is None


def test_however_many_come_at_once(engine: Engine) -> None:
    together = threading.Barrier(8)
    told: list[datetime | None] = []

    def ask() -> None:
        together.wait()
        for _ in range(3):
            with transaction(engine) as session:
                told.append(once(session, "5/hour"))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [until for until in told if until is None] == [None] * 5
    assert len(told) == 24


def test_counts_are_forgotten_with_their_window(engine: Engine) -> None:
    with transaction(engine) as session:
        once(session, "1/minute; 1/day", now=NOW - timedelta(hours=1))
        assert forget_counts(session, now=NOW - timedelta(minutes=50)) == 1
        assert session.scalars(select(RateCount.seconds)).all() == [86400]
        assert forget_counts(session, now=NOW + timedelta(minutes=1)) == 1
