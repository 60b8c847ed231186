from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from bot.register import audit
from bot.register.arrival import check_arrival, correct_arrival
from bot.register.entry import Entry, EntryChannel, enter
from bot.register.errors import (
    ArrivalIsFixedError,
    ArrivalIsImpossibleError,
    RequestIsUnknownError,
    SecondPersonIsMissingError,
)
from bot.register.filing import Filed
from bot.register.kinds import Kind
from bot.register.models import Request
from bot.storage.encryption import Vault

Make = Callable[..., Any]

AYA, KEN = "staff:aya", "staff:ken"


@pytest.fixture
def letter(session: Session, vault: Vault, now: datetime) -> list[Filed]:
    entry = Entry(
        channel=EntryChannel.LETTER,
        kinds=(Kind.DISCLOSURE, Kind.ERASURE),
        received_at=now - timedelta(days=2),
    )
    return enter(session, entry, actor=AYA, now=now, vault=vault, controller="eparkrelax")


def arrivals(session: Session, letter: list[Filed]) -> set[datetime]:
    return {session.get_one(Request, one.request_id).received_at for one in letter}


def test_it_is_put_right_for_everything_that_arrived_together(
    session: Session, letter: list[Filed], now: datetime
) -> None:
    numbers = correct_arrival(session, letter[1].request_id, now - timedelta(days=5), actor=KEN, now=now)

    assert sorted(numbers) == sorted(one.number for one in letter)
    assert arrivals(session, letter) == {now - timedelta(days=5)}
    for one in letter:
        event = audit.trail(session, one.request_id)[-1]
        assert (event.actor, event.action, event.fields) == (KEN, "arrival:corrected", ["received_at"])


def test_once_a_second_person_checked_it_it_stands(session: Session, letter: list[Filed], now: datetime) -> None:
    check_arrival(session, letter[0].request_id, actor=KEN, now=now)

    for one in letter:
        request = session.get_one(Request, one.request_id)
        assert (request.arrival_checked_by, request.arrival_checked_at) == (KEN, now)
        assert audit.trail(session, one.request_id)[-1].action == "arrival:checked"
        with pytest.raises(ArrivalIsFixedError, match=one.number[:7]):
            correct_arrival(session, one.request_id, now - timedelta(days=5), actor=AYA, now=now)
        with pytest.raises(ArrivalIsFixedError):
            check_arrival(session, one.request_id, actor=KEN, now=now)
        with pytest.raises(DatabaseError, match="never change"), session.begin_nested():
            session.execute(update(Request).where(Request.id == one.request_id).values(received_at=now))


@pytest.mark.parametrize("corrector", [None, AYA])
def test_whoever_entered_it_cannot_check_it(
    session: Session, letter: list[Filed], now: datetime, corrector: str | None
) -> None:
    if corrector is not None:
        correct_arrival(session, letter[0].request_id, now - timedelta(days=3), actor=corrector, now=now)

    with pytest.raises(SecondPersonIsMissingError):
        check_arrival(session, letter[0].request_id, actor=AYA, now=now)


def test_whoever_corrected_it_last_cannot_check_it(session: Session, letter: list[Filed], now: datetime) -> None:
    correct_arrival(session, letter[0].request_id, now - timedelta(days=3), actor=KEN, now=now)
    with pytest.raises(SecondPersonIsMissingError):
        check_arrival(session, letter[0].request_id, actor=KEN, now=now)

    correct_arrival(session, letter[0].request_id, now - timedelta(days=3), actor=AYA, now=now)
    check_arrival(session, letter[0].request_id, actor=KEN, now=now)


def test_the_database_refuses_the_same_person(session: Session, letter: list[Filed], now: datetime) -> None:
    values = {"arrival_checked_by": AYA, "arrival_checked_at": now}
    with pytest.raises(DatabaseError, match="ck_request_arrival_two_people"), session.begin_nested():
        session.execute(update(Request).where(Request.id == letter[0].request_id).values(values))


def test_nothing_arrives_after_it_was_entered_or_verified(session: Session, letter: list[Filed], now: datetime) -> None:
    later = now + timedelta(hours=1)
    with pytest.raises(ArrivalIsImpossibleError):
        correct_arrival(session, letter[0].request_id, later, actor=KEN, now=now + timedelta(days=1))
    session.get_one(Request, letter[1].request_id).verified_at = now - timedelta(days=1)
    session.flush()
    with pytest.raises(ArrivalIsImpossibleError):
        correct_arrival(session, letter[0].request_id, now, actor=KEN, now=now)


def test_nothing_arrived_before_the_law(session: Session, letter: list[Filed], now: datetime) -> None:
    with pytest.raises(ArrivalIsImpossibleError, match="2003"):
        correct_arrival(session, letter[0].request_id, now.replace(year=1926), actor=KEN, now=now)


def test_what_came_by_a_conversation_stands_from_the_beginning(session: Session, filed: Make, now: datetime) -> None:
    (receipt,) = filed(session)

    with pytest.raises(ArrivalIsFixedError, match="conversation"):
        correct_arrival(session, receipt.request_id, now - timedelta(days=1), actor=KEN, now=now)
    with pytest.raises(ArrivalIsFixedError, match="conversation"):
        check_arrival(session, receipt.request_id, actor=KEN, now=now)


def test_an_unknown_request_is_named(session: Session, now: datetime) -> None:
    with pytest.raises(RequestIsUnknownError):
        check_arrival(session, "f" * 32, actor=KEN, now=now)
