from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from bot.register import audit
from bot.register.kinds import Kind
from bot.register.models import AuditHead, Draft, Request
from bot.register.purge import purge
from bot.register.trail.links import broken_trails
from bot.storage.engine import reading, transaction
from bot.storage.hash_chain import FIRST_HASH, Counted, Fault
from tests.support.tampering import OF_REQUESTS, tamper, unguarded

Make = Callable[..., Any]

_MANY = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@pytest.fixture
def numbers(engine: Engine, filed: Make, now: datetime) -> list[str]:
    """Some requests with trails of several lengths; gives their numbers."""
    receipts = []
    with transaction(engine) as session:
        for length in (0, 1, 2, 5):
            (receipt,) = filed(session, Kind.DISCLOSURE)
            receipts.append(receipt)
            request = session.get_one(Request, receipt.request_id)
            for step in range(length):
                at = now + timedelta(seconds=step, microseconds=step)
                audit.record(
                    session, request, action=audit.Action.PAGE_ISSUED, actor="staff:青木", now=at, fields=["a", "名"]
                )
    return [receipt.number for receipt in receipts]


def found(session: Session) -> list[tuple[str, int, Fault]]:
    return [(one.trail, one.place.position, one.place.fault) for one in broken_trails(session)]


def test_each_event_holds_the_hash_of_the_one_before(engine: Engine, numbers: list[str]) -> None:
    with reading(engine) as session:
        request_id = session.scalars(select(Request.id).where(Request.number == numbers[-1])).one()
        events = audit.trail(session, request_id)
        head = session.get_one(AuditHead, request_id)

    assert [event.prev_hash for event in events] == [FIRST_HASH, *(event.hash for event in events[:-1])]
    assert (head.position, head.hash) == (6, events[-1].hash)
    assert len({event.hash for event in events}) == 6


def test_whole_trails_are_whole_and_counted(engine: Engine, numbers: list[str]) -> None:
    counted = Counted()
    with reading(engine) as session:
        assert list(broken_trails(session, counted=counted)) == []
        assert list(broken_trails(session, "nobody")) == []

    assert counted.events == len(numbers) + 8


@pytest.mark.usefixtures("numbers")
@_MANY
@given(random=st.randoms())
def test_any_single_change_is_found(engine: Engine, random: Random) -> None:
    with unguarded(engine) as session:
        change = tamper(session, OF_REQUESTS, random)

        assert found(session), change
    with reading(engine) as session:
        assert found(session) == []


@pytest.mark.parametrize(
    ("statement", "place", "fault"),
    [
        ("UPDATE audit SET actor = 'x' WHERE request_id = '{}' AND position = 3", 3, Fault.CHANGED),
        ("DELETE FROM audit WHERE request_id = '{}' AND position = 3", 3, Fault.MISSING),
        ("DELETE FROM audit WHERE request_id = '{}' AND position = 1", 1, Fault.MISSING),
        ("DELETE FROM audit WHERE request_id = '{}' AND position > 4", 5, Fault.CUT),
        ("DELETE FROM audit WHERE request_id = '{}'", 1, Fault.CUT),
        ("UPDATE audit_head SET position = 5 WHERE request_id = '{}'", 6, Fault.BEYOND),
        ("UPDATE audit_head SET hash = 'x' WHERE request_id = '{}'", 6, Fault.HEADLESS),
        ("DELETE FROM audit_head WHERE request_id = '{}'", 6, Fault.HEADLESS),
        ("UPDATE audit SET prev_hash = 'x' WHERE request_id = '{}' AND position = 2", 2, Fault.UNLINKED),
        ("UPDATE audit SET position = 0 WHERE request_id = '{}' AND position = 1", 0, Fault.FOREIGN),
    ],
)
def test_what_is_broken_is_named(engine: Engine, numbers: list[str], statement: str, place: int, fault: Fault) -> None:
    with unguarded(engine) as session:
        request_id = session.scalars(select(Request.id).where(Request.number == numbers[-1])).one()
        session.execute(text(statement.format(request_id)))

        assert (numbers[-1], place, fault) in found(session)


@pytest.mark.usefixtures("numbers")
def test_a_place_that_is_no_number_is_found(engine: Engine) -> None:
    if engine.dialect.name == "postgresql":
        return  # it knows no text in the place of a number
    with unguarded(engine) as session:
        session.execute(text("UPDATE audit SET position = '1x' WHERE position = 1"))
        assert found(session)


def test_a_trail_that_is_gone_with_its_head_is_found_as_long_as_its_request_is_there(
    engine: Engine, numbers: list[str]
) -> None:
    with unguarded(engine) as session:
        request_id = session.scalars(select(Request.id).where(Request.number == numbers[0])).one()
        session.execute(text(f"DELETE FROM audit WHERE request_id = '{request_id}'"))  # noqa: S608 - an id of ours
        session.execute(text(f"DELETE FROM audit_head WHERE request_id = '{request_id}'"))  # noqa: S608 - as above

        assert found(session) == [(numbers[0], 1, Fault.MISSING)]


@pytest.mark.usefixtures("numbers")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_head SET position = position + 2",
        "UPDATE audit_head SET position = position - 1",
        "UPDATE audit_head SET hash = 'x'",
        "DELETE FROM audit_head",
    ],
)
def test_the_database_keeps_a_head_from_going_back(engine: Engine, statement: str) -> None:
    with pytest.raises(DatabaseError, match="only goes forward"), transaction(engine) as session:
        session.execute(text(statement))


def test_a_test_goes_with_its_trail_and_its_head(engine: Engine, filed: Make, now: datetime) -> None:
    with transaction(engine) as session:
        filed(session, is_test=True)
        filed(session)
    with transaction(engine) as session:
        gone = purge(session, controller="eparkrelax", now=now + timedelta(days=2), draft_days=30)

    with reading(engine) as session:
        assert gone.tests == 1
        assert len(session.scalars(select(AuditHead)).all()) == 1
        assert len(session.scalars(select(Draft)).all()) == 1
        assert found(session) == []
