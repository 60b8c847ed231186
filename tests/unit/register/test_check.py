from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.register import audit
from bot.register.alerts.models import Alert
from bot.register.alerts.standing import acknowledge
from bot.register.arrival import check_arrival, correct_arrival
from bot.register.check import contradictions
from bot.register.decisions.models import AnswerRelease, Decision
from bot.register.details import read_details
from bot.register.entry import Entry, EntryChannel, enter
from bot.register.filing import Filed
from bot.register.identity.models import Proof
from bot.register.kinds import Kind
from bot.register.models import AuditEvent, Contact, Draft, Request, State
from bot.register.pages import issue_page, submit_details
from bot.register.requests import of_conversation, withdraw
from bot.register.thread.files import store_file
from bot.register.thread.models import FilePurpose, StoredFile
from bot.storage import outbox
from bot.storage.encryption import Vault
from bot.storage.models import Outbound

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
    (event,) = audit.trail(session, receipt.request_id)
    facts = {"controller": "eparkrelax", "request_id": receipt.request_id, "actor": "x", "action": "y", "fields": []}
    later = AuditEvent(id="a" * 32, position=3, at=now, prev_hash=event.hash, **facts)
    later.hash = audit.event_hash(later, later.fields)
    session.add(later)
    session.flush()

    assert contradictions(session, now=_soon(now)) == [
        f"request {receipt.number}: its trail has no event 2",
        f"request {receipt.number}: its trail goes on with event 2 after its end",
    ]


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


# The database's triggers refuse most of what follows, so that the rows are written while they are made, or stand in a
# state that only a repair by hand could have made.
def entered(session: Session, vault: Vault, now: datetime, *kinds: Kind) -> list[Filed]:
    entry = Entry(channel=EntryChannel.LETTER, kinds=kinds or (Kind.DISCLOSURE,), received_at=now - timedelta(days=1))
    filed = enter(session, entry, actor="staff:aya", now=now, vault=vault, controller="eparkrelax")
    session.execute(update(Outbound).values(state="sent", sent_at=now))
    return filed


def findings(session: Session, at: datetime) -> list[str]:
    session.flush()
    return contradictions(session, now=at)


def a_proof(request: Request, now: datetime) -> Proof:
    return Proof(
        id="p" * 32,
        controller=request.controller,
        request_id=request.id,
        sort="document",
        agrees=True,
        suffices=True,
        binds_address=True,
        facts=[],
        by="staff:aya",
        at=now,
    )


def a_decision(request: Request, now: datetime) -> Decision:
    return Decision(
        id="d" * 32,
        controller=request.controller,
        request_id=request.id,
        kind=request.kind,
        outcome="routed",
        sealed_explanation=b"sealed",
        decided_by="staff:aya",
        decided_at=now,
        effective_at=now,
    )


def test_what_staff_entered_is_in_order(session: Session, vault: Vault, now: datetime) -> None:
    entered(session, vault, now, Kind.DISCLOSURE, Kind.ERASURE)

    assert findings(session, _soon(now)) == []


def test_an_arrival_that_nobody_checked_is_found_after_three_days(
    session: Session, vault: Vault, now: datetime
) -> None:
    (filed,) = entered(session, vault, now)

    assert findings(session, now + timedelta(days=3)) == []
    assert findings(session, now + timedelta(days=3, seconds=1)) == [
        f"request {filed.number}: no second person has checked its time of arrival"
    ]
    check_arrival(session, filed.request_id, actor="staff:ken", now=now)
    assert findings(session, now + timedelta(days=4)) == []


def test_both_clocks_are_found_overdue_on_the_day_after_the_last(session: Session, filed: Make, now: datetime) -> None:
    (receipt,) = filed(session)
    request = session.get_one(Request, receipt.request_id)
    session.add(a_proof(request, now))
    request.verified_at = now + timedelta(days=2)
    session.execute(update(Outbound).values(state="sent", sent_at=now))
    acknowledge_all(session, now)

    assert findings(session, now + timedelta(days=14)) == []
    by_arrival = f"request {receipt.number}: two weeks from arrival were over on 2026-12-07"
    assert findings(session, now + timedelta(days=15)) == [by_arrival]
    assert findings(session, now + timedelta(days=17)) == [
        by_arrival,
        f"request {receipt.number}: two weeks from verification were over on 2026-12-09",
    ]


def acknowledge_all(session: Session, now: datetime) -> None:
    for alert_id in session.scalars(select(Alert.id)).all():
        acknowledge(session, alert_id, actor="staff:aya", now=now)


def test_an_alert_that_nobody_takes_up_is_found_after_ten_days(session: Session, vault: Vault, now: datetime) -> None:
    (filed,) = entered(session, vault, now)
    check_arrival(session, filed.request_id, actor="staff:ken", now=now)

    assert findings(session, now + timedelta(days=10)) == []
    assert findings(session, now + timedelta(days=10, seconds=1)) == [
        f"request {filed.number}: nobody has taken up the alert arrival of 2026-11-23"
    ]


def test_a_verification_without_a_proof_is_found_and_a_proof_without_one(
    session: Session, filed: Make, now: datetime
) -> None:
    (one,), (other,) = filed(session), filed(session)
    session.get_one(Request, one.request_id).verified_at = now
    request = session.get_one(Request, other.request_id)
    request.state = State.IN_REVIEW
    session.add(a_proof(request, now))

    assert findings(session, _soon(now)) == [
        f"request {one.number}: counts as verified without a proof that suffices",
        f"request {other.number}: has a proof that suffices and does not count as verified",
    ]


def test_a_decision_in_effect_of_an_undecided_request_is_found(session: Session, filed: Make, now: datetime) -> None:
    (receipt,) = filed(session)
    session.add(a_decision(session.get_one(Request, receipt.request_id), now))

    assert findings(session, _soon(now)) == [f"request {receipt.number}: is received though a decision is in effect"]


def test_an_answer_whose_file_is_gone_is_found(session: Session, filed: Make, vault: Vault, now: datetime) -> None:
    (receipt,) = filed(session)
    request = session.get_one(Request, receipt.request_id)
    session.add(a_proof(request, now))
    request.verified_at = now
    request.state = State.IN_REVIEW
    session.flush()
    decision = a_decision(request, now)
    decision.outcome, decision.approved_by = "granted", "staff:ken"
    session.add(decision)
    session.flush()
    request.state = State.DECIDED
    file_id = store_file(
        session,
        draft_id=request.draft_id,
        request_id=request.id,
        purpose=FilePurpose.ANSWER,
        name="a.pdf",
        media_type="application/pdf",
        content=b"%PDF-1",
        by="staff:aya",
        now=now,
        vault=vault,
    )
    facts = {"controller": request.controller, "request_id": request.id, "delivery": "page", "file_id": file_id}
    answer = AnswerRelease(id="a" * 32, prepared_by="staff:aya", prepared_at=now, released_by="staff:ken", **facts)
    answer.released_at, answer.available_until = now, now + timedelta(days=1)
    session.add(answer)
    session.execute(update(Outbound).values(state="sent", sent_at=now))

    assert findings(session, _soon(now)) == []
    file = session.get_one(StoredFile, file_id)
    file.sealed_content, file.removed_at = None, now
    assert findings(session, _soon(now)) == [f"answer {'a' * 32}: is to be had on the page, and its file is gone"]


def test_several_times_of_one_arrival_are_found(session: Session, vault: Vault, now: datetime) -> None:
    one, _ = entered(session, vault, now, Kind.DISCLOSURE, Kind.ERASURE)
    correct_arrival(session, one.request_id, now - timedelta(days=2), actor="staff:aya", now=now)
    assert findings(session, _soon(now)) == []
    session.get_one(Request, one.request_id).received_at = now

    (finding,) = findings(session, _soon(now))
    assert "several times of arrival" in finding
