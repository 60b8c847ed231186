from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from bot.staff.models import StaffEvent
from bot.staff.trail import About, StaffAction, note_of
from bot.staff.trail_links import broken_staff_trails
from bot.storage.engine import reading, transaction
from bot.storage.hash_chain import Counted, Fault
from tests.support.tampering import OF_THE_CONSOLE, tamper, unguarded

pytestmark = pytest.mark.companies

NOW = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)


def add(session: Session, number: int, controller: str = "eparkrelax") -> None:
    about = About("talk", f"t{number}", fields=["words"], reason="問い合わせのため" if number % 2 else None)
    at = NOW + timedelta(milliseconds=number)
    note_of(session, controller, "staff:aoki", StaffAction.TALK_REVEALED, about, now=at, role="officer")


@pytest.fixture
def filled(engine: Engine) -> Engine:
    """The trails of two companies."""
    with transaction(engine) as session:
        for number in range(6):
            add(session, number)
        add(session, 0, "other")
    return engine


def found(session: Session) -> list[tuple[str, int, Fault]]:
    return [(one.trail, one.place.position, one.place.fault) for one in broken_staff_trails(session)]


def test_a_whole_trail_is_whole_and_counted(filled: Engine) -> None:
    counted = Counted()
    with reading(filled) as session:
        assert list(broken_staff_trails(session, "eparkrelax", counted)) == []
        assert found(session) == []

    assert counted.events == 6


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(random=st.randoms())
def test_any_single_change_is_found(filled: Engine, random: Random) -> None:
    with unguarded(filled) as session:
        change = tamper(session, OF_THE_CONSOLE, random)

        assert found(session), change


@pytest.mark.parametrize(
    ("statement", "place", "fault"),
    [
        ("UPDATE staff_event SET reason = 'x' WHERE position = 2", 2, Fault.CHANGED),
        ("DELETE FROM staff_event WHERE position = 6", 6, Fault.CUT),
        ("DELETE FROM staff_event WHERE position = 2", 2, Fault.MISSING),
        ("DELETE FROM staff_event", 1, Fault.CUT),
        ("DELETE FROM staff_trail_head", 0, Fault.HEADLESS),
    ],
)
def test_what_is_broken_is_named(filled: Engine, statement: str, place: int, fault: Fault) -> None:
    with unguarded(filled) as session:
        session.execute(text(statement))

        assert ("eparkrelax", place, fault) in found(session)


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE staff_event SET actor = 'nobody'", "only added to"),
        ("DELETE FROM staff_event", "only added to"),
        ("UPDATE staff_trail_head SET position = position - 1", "only goes forward"),
        ("UPDATE staff_trail_head SET hash = 'x'", "only goes forward"),
        ("DELETE FROM staff_trail_head", "only goes forward"),
    ],
)
def test_the_database_refuses_to_change_the_trail(filled: Engine, statement: str, says: str) -> None:
    with pytest.raises(DatabaseError, match=says), transaction(filled) as session:
        session.execute(text(statement))


def test_many_writers_at_once_make_one_chain_from_the_very_first_event(engine: Engine) -> None:
    def write(number: int) -> None:
        with transaction(engine) as session:
            add(session, number)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(40)))

    with reading(engine) as session:
        positions = list(session.scalars(select(StaffEvent.position).order_by(StaffEvent.position)))
        assert found(session) == []
    assert positions == list(range(1, 41))
