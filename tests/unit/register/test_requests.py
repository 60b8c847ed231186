from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from bot.register import audit
from bot.register.drafts import draft, drop_draft
from bot.register.errors import RequestIsUnknownError
from bot.register.kinds import Kind
from bot.register.models import State
from bot.register.requests import by_number, carry, holds_number, of_controller, of_conversation, withdraw

Make = Callable[..., Any]
OLD, NEW = "c" * 32, "d" * 32


def test_requests_of_a_conversation(session: Session, filed: Make) -> None:
    filed(session, Kind.ERASURE, Kind.DISCLOSURE)
    filed(session, Kind.INQUIRY, conversation_id=NEW)

    views = of_conversation(session, OLD)

    assert {view.kind for view in views} == {Kind.ERASURE, Kind.DISCLOSURE}
    assert {(view.state, view.due, view.has_contact) for view in views} == {(State.RECEIVED, date(2026, 12, 7), False)}


@pytest.mark.companies
def test_requests_of_another_company_stay_apart(session: Session, filed: Make) -> None:
    (ours,) = filed(session)
    filed(session, controller="another")

    assert [view.number for view in of_controller(session, "eparkrelax")] == [ours.number]


def test_a_number_is_found_however_it_is_spelt(session: Session, filed: Make) -> None:
    (receipt,) = filed(session)

    spelt = by_number(session, receipt.number.lower().replace("-", " "))

    assert spelt is not None
    assert spelt.id == receipt.request_id
    assert by_number(session, "K261123-0000-00000") is None
    assert by_number(session, "受付番号") is None


def test_a_number_is_held_by_its_conversation_only(session: Session, filed: Make) -> None:
    (receipt,) = filed(session)

    assert holds_number(session, receipt.number, OLD)
    assert not holds_number(session, receipt.number, NEW)
    assert not holds_number(session, "K261123-0000-00000", OLD)


def test_withdrawing_once_is_enough(session: Session, filed: Make, now: datetime) -> None:
    (receipt,) = filed(session)

    for _ in range(2):
        assert withdraw(session, receipt.request_id, now=now + timedelta(hours=1)).state == State.WITHDRAWN

    trail = audit.trail(session, receipt.request_id)
    assert [(event.action, event.fields) for event in trail] == [
        ("request:filed", []),
        ("request:withdrawn", ["state"]),
    ]


def test_staff_withdraw_for_a_member_who_told_them(session: Session, filed: Make, now: datetime) -> None:
    (receipt,) = filed(session)

    withdraw(session, receipt.request_id, now=now, actor="staff:suzuki")

    assert audit.trail(session, receipt.request_id)[-1].actor == "staff:suzuki"


def test_withdrawing_what_is_unknown(session: Session, now: datetime) -> None:
    with pytest.raises(RequestIsUnknownError):
        withdraw(session, "0" * 32, now=now)


def test_drafts_and_requests_go_along_to_the_next_conversation(
    session: Session, filed: Make, new_draft: Make, now: datetime
) -> None:
    (receipt,) = filed(session)
    waiting, dropped = new_draft(session), new_draft(session)
    drop_draft(session, dropped, now=now)

    carry(session, OLD, NEW, now=now)

    assert of_conversation(session, OLD) == []
    assert holds_number(session, receipt.number, NEW)
    moved, left = draft(session, waiting), draft(session, dropped)
    assert moved is not None
    assert left is not None
    assert (moved.conversation_id, left.conversation_id) == (NEW, OLD)
    assert audit.trail(session, receipt.request_id)[-1].action == "request:carried"
