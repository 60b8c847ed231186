from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from bot.register.check import contradictions
from bot.register.details import read_details
from bot.register.kinds import Kind
from bot.register.models import AuditEvent, Contact, Draft, Request
from bot.register.pages import issue_page, submit_details
from bot.register.requests import of_conversation, withdraw
from bot.storage import outbox
from bot.storage.encryption import Vault

Make = Callable[..., Any]


def _soon(now: datetime) -> datetime:
    return now + timedelta(minutes=1)


def test_a_register_in_order_has_nothing_to_say(
    session: Session, filed: Make, new_draft: Make, vault: Vault, now: datetime
) -> None:
    (receipt,) = filed(session)
    filed(session, Kind.ERASURE, Kind.USE_STOP)
    new_draft(session)
    draft_id = session.get_one(Request, receipt.request_id).draft_id
    details = read_details({"role": "self", "name": "花子", "email": "h@example.com"})
    submit_details(session, issue_page(session, draft_id, now=now), details, now=now, vault=vault)
    withdraw(session, of_conversation(session, "c" * 32)[0].id, now=now)

    assert contradictions(session, now=_soon(now)) == []


def test_a_draft_that_lost_a_request_is_found(session: Session, filed: Make, now: datetime) -> None:
    (receipt,) = filed(session)
    draft_id = session.get_one(Request, receipt.request_id).draft_id
    session.get_one(Draft, draft_id).kinds = ["disclosure", "erasure"]
    session.flush()

    assert contradictions(session, now=_soon(now)) == [
        f"draft {draft_id}: asks for ['disclosure', 'erasure'], the register holds ['disclosure']"
    ]


def test_a_request_of_an_unfiled_draft_is_found(session: Session, filed: Make, now: datetime) -> None:
    (receipt,) = filed(session)
    session.get_one(Draft, session.get_one(Request, receipt.request_id).draft_id).filed_at = None
    session.flush()

    assert len(contradictions(session, now=_soon(now))) == 1


def test_a_trail_with_a_gap_is_found(session: Session, filed: Make, now: datetime) -> None:
    (receipt,) = filed(session)
    facts = {"controller": "eparkrelax", "request_id": receipt.request_id, "actor": "x", "action": "y", "fields": []}
    session.add(AuditEvent(id="a" * 32, position=3, at=now, **facts))
    session.flush()

    assert contradictions(session, now=_soon(now)) == [f"request {receipt.number}: its trail has gaps"]


def test_a_state_that_missed_the_contact_details_is_found(session: Session, filed: Make, now: datetime) -> None:
    (receipt,) = filed(session)
    request = session.get_one(Request, receipt.request_id)
    session.add(
        Contact(
            id="k" * 32,
            controller=request.controller,
            draft_id=request.draft_id,
            role="self",
            sealed_name=b"sealed",
            sealed_email=b"sealed",
            email_hash="h" * 64,
            given_at=now,
        )
    )
    session.flush()

    (finding,) = contradictions(session, now=_soon(now))
    assert receipt.number in finding


@pytest.mark.parametrize(("minutes", "findings"), [(9, 0), (11, 1)])
def test_a_notice_that_waits_too_long_is_found(session: Session, now: datetime, minutes: int, findings: int) -> None:
    row_id = outbox.enqueue(
        session,
        controller="eparkrelax",
        channel="mail",
        recipient="staff",
        kind="request:filed",
        body={},
        dedupe_key="k",
        now=now,
    )

    found = contradictions(session, now=now + timedelta(minutes=minutes))

    assert [row_id in finding for finding in found] == [True] * findings
    outbox.mark_sent(session, row_id, now=now)
    assert contradictions(session, now=now + timedelta(days=1)) == []
