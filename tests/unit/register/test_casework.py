from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.register import audit
from bot.register.casework import assign, begin_review, close, note_told, send_interim, set_urgent
from bot.register.decisions.deciding import Proposal, approve, note_executed, propose
from bot.register.decisions.grounds import Regime
from bot.register.decisions.models import Delivery, Outcome
from bot.register.decisions.releasing import note_posted, prepare, release
from bot.register.errors import (
    MessageIsUnusableError,
    RequestIsUnknownError,
    SomethingIsLeftToDoError,
    StaffOnlyError,
    StateForbidsError,
)
from bot.register.kinds import Kind
from bot.register.models import ReplyBy, Request, State
from bot.register.requests import by_id, withdraw
from bot.register.thread.messages import messages_of
from bot.storage.encryption import Vault
from bot.storage.models import Outbound
from tests.support.cases import SUZUKI, TANAKA, store_answer, verify

Make = Callable[..., Any]
EXPLAINED = "次の理由によります。"


@pytest.fixture
def notified(filed: Make, vault: Vault, now: datetime) -> Make:
    """A request of which the member has been told what was decided; gives its id and the decision's."""

    def make(session: Session, kind: Kind, proposal: Proposal) -> tuple[str, str]:
        (receipt,) = filed(session, kind)
        request_id = str(receipt.request_id)
        verify(session, session.get_one(Request, request_id), now=now)
        begin_review(session, request_id, actor=SUZUKI, now=now)
        decision_id = propose(session, request_id, proposal, actor=SUZUKI, now=now, vault=vault, regime=Regime.APPI)
        if session.get_one(Request, request_id).state == State.IN_REVIEW:
            approve(session, decision_id, actor=TANAKA, now=now)
        note_told(session, request_id, ReplyBy.PHONE, actor=SUZUKI, now=now)
        return request_id, decision_id

    return make


def _actions(session: Session, request_id: str) -> list[str]:
    return [event.action for event in audit.trail(session, request_id)]


def _told(session: Session) -> list[str]:
    return list(session.scalars(select(Outbound.kind).where(Outbound.recipient == "member")))


def test_a_request_is_given_to_somebody(session: Session, filed: Make, now: datetime) -> None:
    (receipt,) = filed(session)

    for _ in range(2):
        assign(session, receipt.request_id, TANAKA, actor=SUZUKI, now=now)

    view = by_id(session, receipt.request_id)
    assert view is not None
    assert view.assignee == TANAKA
    assert _actions(session, receipt.request_id) == ["request:filed", "request:assigned"]


def test_urgent_and_back_moves_no_date(session: Session, filed: Make, now: datetime) -> None:
    (receipt,) = filed(session)
    before = by_id(session, receipt.request_id)
    assert before is not None

    for urgent in (True, True, False):
        set_urgent(session, receipt.request_id, urgent=urgent, actor=SUZUKI, now=now)

    assert by_id(session, receipt.request_id) == before
    assert _actions(session, receipt.request_id) == ["request:filed", *["request:prioritised"] * 2]


def test_nobody_but_staff_and_nothing_after_the_end(session: Session, filed: Make, vault: Vault, now: datetime) -> None:
    (receipt,) = filed(session)
    request_id = receipt.request_id
    steps: list[Callable[[str], object]] = [
        lambda actor: assign(session, request_id, TANAKA, actor=actor, now=now),
        lambda actor: set_urgent(session, request_id, urgent=True, actor=actor, now=now),
        lambda actor: send_interim(session, request_id, EXPLAINED, actor=actor, now=now, vault=vault),
    ]
    for step in steps:
        with pytest.raises(StaffOnlyError):
            step("member")
    with pytest.raises(StaffOnlyError):
        assign(session, request_id, "tanaka", actor=SUZUKI, now=now)
    withdraw(session, request_id, now=now)
    for step in steps:
        with pytest.raises(StateForbidsError):
            step(SUZUKI)


def test_an_interim_notice_says_why_and_changes_no_date(
    session: Session, filed: Make, vault: Vault, now: datetime
) -> None:
    (receipt,) = filed(session)
    before = by_id(session, receipt.request_id)

    send_interim(
        session,
        receipt.request_id,
        "お調べするデータが多いためです。",
        actor=SUZUKI,
        now=now + timedelta(days=9),
        vault=vault,
    )

    (message,) = messages_of(session, receipt.request_id, vault=vault)
    assert message.text == "お調べするデータが多いためです。"
    assert _told(session) == ["interim"]
    assert _actions(session, receipt.request_id)[-1] == "interim:sent"
    assert by_id(session, receipt.request_id) == before


def test_an_interim_notice_without_a_reason_is_none(session: Session, filed: Make, vault: Vault, now: datetime) -> None:
    (receipt,) = filed(session)

    with pytest.raises(MessageIsUnusableError):
        send_interim(session, receipt.request_id, " ", actor=SUZUKI, now=now, vault=vault)
    assert _told(session) == []


def test_told_by_telephone_stands_in_the_trail(session: Session, notified: Make) -> None:
    request_id, _ = notified(session, Kind.INQUIRY, Proposal(Outcome.ANSWERED, None, EXPLAINED))

    event = audit.trail(session, request_id)[-1]
    assert (event.action, event.actor, event.fields) == ("member:notified", SUZUKI, ["phone", "state"])


@pytest.mark.parametrize(
    ("kind", "proposal"),
    [
        (Kind.INQUIRY, Proposal(Outcome.ANSWERED, None, EXPLAINED)),
        (Kind.ERASURE, Proposal(Outcome.ROUTED, None, EXPLAINED)),
        (Kind.DISCLOSURE, Proposal(Outcome.DENIED, "disclosure-harms-rights", EXPLAINED)),
        (Kind.DISCLOSURE, Proposal(Outcome.NO_DATA, "disclosure-no-such-data", EXPLAINED)),
        (Kind.PURPOSE_NOTICE, Proposal(Outcome.ALREADY_PUBLISHED, "purpose-published", EXPLAINED)),
        (Kind.PURPOSE_NOTICE, Proposal(Outcome.GRANTED, None, "次の目的に使っています。")),
    ],
)
def test_where_nothing_is_left_to_do_it_is_closed_and_told(
    session: Session, notified: Make, now: datetime, kind: Kind, proposal: Proposal
) -> None:
    request_id, _ = notified(session, kind, proposal)

    close(session, request_id, actor=SUZUKI, now=now)

    assert session.get_one(Request, request_id).state == State.CLOSED
    assert "closed" in _told(session)
    with pytest.raises(StateForbidsError):
        close(session, request_id, actor=SUZUKI, now=now)


@pytest.mark.parametrize(
    ("kind", "proposal"),
    [
        (Kind.ERASURE, Proposal(Outcome.GRANTED)),
        (Kind.USE_STOP, Proposal(Outcome.ALTERNATIVE_MEASURE, "stop-alternative", EXPLAINED)),
        (Kind.CORRECTION, Proposal(Outcome.PARTIAL, "content-is-factual", EXPLAINED, "電話番号")),
    ],
)
def test_what_was_granted_is_done_before_it_is_closed(
    session: Session, notified: Make, now: datetime, kind: Kind, proposal: Proposal
) -> None:
    request_id, decision_id = notified(session, kind, proposal)
    with pytest.raises(SomethingIsLeftToDoError):
        close(session, request_id, actor=SUZUKI, now=now)

    note_executed(session, decision_id, actor=SUZUKI, now=now)

    close(session, request_id, actor=SUZUKI, now=now)


@pytest.mark.parametrize("kind", [Kind.DISCLOSURE, Kind.THIRD_PARTY_RECORD, Kind.PURPOSE_NOTICE])
def test_an_answer_leaves_before_it_is_closed(
    session: Session, notified: Make, vault: Vault, now: datetime, kind: Kind
) -> None:
    for delivery in Delivery:
        request_id, _ = notified(session, kind, Proposal(Outcome.GRANTED))
        file_id = store_answer(session, session.get_one(Request, request_id), now=now, vault=vault)
        release_id = prepare(session, request_id, delivery=delivery, file_id=file_id, actor=SUZUKI, now=now)
        with pytest.raises(SomethingIsLeftToDoError):
            close(session, request_id, actor=SUZUKI, now=now)

        release(session, release_id, actor=TANAKA, now=now, days=30)
        if delivery is Delivery.POST:
            with pytest.raises(SomethingIsLeftToDoError):
                close(session, request_id, actor=SUZUKI, now=now)
            note_posted(session, release_id, "1234", actor=SUZUKI, now=now, vault=vault)

        close(session, request_id, actor=SUZUKI, now=now)


def test_an_unknown_request(session: Session, vault: Vault, now: datetime) -> None:
    unknown = "0" * 32
    steps: list[Callable[[], object]] = [
        lambda: assign(session, unknown, TANAKA, actor=SUZUKI, now=now),
        lambda: begin_review(session, unknown, actor=SUZUKI, now=now),
        lambda: send_interim(session, unknown, EXPLAINED, actor=SUZUKI, now=now, vault=vault),
        lambda: close(session, unknown, actor=SUZUKI, now=now),
    ]
    for step in steps:
        with pytest.raises(RequestIsUnknownError):
            step()
    assert by_id(session, unknown) is None
