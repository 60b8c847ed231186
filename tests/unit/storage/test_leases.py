from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

from sqlalchemy import Engine

from bot.storage import leases
from bot.storage.engine import transaction

_NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
_SECONDS = 30.0


def _acquire(engine: Engine, holder: str, *, now: datetime = _NOW) -> bool:
    with transaction(engine) as session:
        return leases.acquire(session, "turn", controller="eparkrelax", holder=holder, now=now, seconds=_SECONDS)


def test_one_holder_at_a_time(engine: Engine) -> None:
    assert _acquire(engine, "one")
    assert not _acquire(engine, "two")


def test_the_holder_renews(engine: Engine) -> None:
    later = _NOW + timedelta(seconds=20)
    assert _acquire(engine, "one")
    assert _acquire(engine, "one", now=later)
    assert not _acquire(engine, "two", now=_NOW + timedelta(seconds=40))


def test_a_lease_whose_time_is_over_is_anybodys(engine: Engine) -> None:
    later = _NOW + timedelta(seconds=_SECONDS)
    assert _acquire(engine, "dead")
    assert _acquire(engine, "two", now=later)
    assert not _acquire(engine, "dead", now=later)


def test_giving_back_frees_it_and_only_the_holder_can(engine: Engine) -> None:
    assert _acquire(engine, "one")
    with transaction(engine) as session:
        leases.release(session, "turn", holder="two")
    assert not _acquire(engine, "two")
    with transaction(engine) as session:
        leases.release(session, "turn", holder="one")
    assert _acquire(engine, "two")


def test_of_many_at_the_same_moment_one_gets_it(engine: Engine) -> None:
    people = 8
    for round_number in range(5):
        barrier = Barrier(people)

        def attempt(number: int, moment: int = round_number, gate: Barrier = barrier) -> bool:
            gate.wait()
            return _acquire(engine, f"{number}", now=_NOW + timedelta(seconds=moment * _SECONDS))

        with ThreadPoolExecutor(people) as pool:
            assert sum(pool.map(attempt, range(people))) == 1


def test_a_lease_of_a_clock_that_was_ahead_is_anybodys(engine: Engine) -> None:
    assert _acquire(engine, "dead", now=_NOW + timedelta(days=1))
    assert _acquire(engine, "two")
    assert not _acquire(engine, "three")


def test_a_holder_is_told_until_when_and_nobody_else(engine: Engine) -> None:
    assert _acquire(engine, "one")
    with transaction(engine) as session:
        until = _NOW + timedelta(seconds=_SECONDS)
        assert leases.held_until(session, "turn", holder="one", now=_NOW) == until
        assert leases.held_until(session, "turn", holder="two", now=_NOW) is None
        assert leases.held_until(session, "turn", holder="one", now=until) is None
