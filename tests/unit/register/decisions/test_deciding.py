from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from bot.errors import BadInputError
from bot.register import audit
from bot.register.alerts.models import Alert, AlertSort
from bot.register.decisions.deciding import LONGEST_TEXT, Proposal, approve, note_executed, reject
from bot.register.decisions.grounds import Regime
from bot.register.decisions.looking import DecisionView, decision_of, pending_decisions
from bot.register.decisions.models import Decision, Outcome
from bot.register.errors import (
    DecisionDoesNotFitError,
    DecisionIsUnknownError,
    GroundIsNotAllowedError,
    PersonIsUnverifiedError,
    RequestIsUnknownError,
    SecondPersonIsMissingError,
    StaffOnlyError,
    StateForbidsError,
)
from bot.register.kinds import Kind
from bot.register.models import Request, State
from bot.register.requests import withdraw
from bot.storage.encryption import Vault
from bot.storage.engine import transaction
from bot.storage.models import Outbound
from tests.support.cases import SUZUKI, TANAKA
from tests.support.proposals import ANSWERED, DENIED, GRANTED, ROUTED

Make = Callable[..., Any]


def _last(session: Session, request_id: str) -> tuple[str, str, list[str]]:
    event = audit.trail(session, request_id)[-1]
    return event.action, event.actor, event.fields


def _member_notices(session: Session) -> list[str]:
    return list(session.scalars(select(Outbound.kind).where(Outbound.recipient == "member")))


def _second_person_wanted(session: Session) -> list[str]:
    return list(session.scalars(select(Alert.request_id).where(Alert.sort == AlertSort.SECOND_PERSON)))


def _decision(session: Session, request_id: str, vault: Vault) -> DecisionView:
    found = decision_of(session, request_id, vault=vault)
    assert found is not None
    return found


def test_a_refusal_waits_for_a_second_person(
    session: Session, reviewed: Make, proposes: Make, vault: Vault, now: datetime
) -> None:
    request_id = reviewed(session)

    decision_id = proposes(session, request_id, DENIED)

    request = session.get_one(Request, request_id)
    assert request.state == State.IN_REVIEW
    assert _last(session, request_id) == ("decision:proposed", SUZUKI, ["outcome", "ground", "explanation"])
    (pending,) = pending_decisions(session, "eparkrelax")
    assert (pending.id, pending.request_id, pending.number) == (decision_id, request_id, request.number)
    assert (pending.kind, pending.outcome, pending.decided_by) == (Kind.DISCLOSURE, Outcome.DENIED, SUZUKI)
    assert _second_person_wanted(session) == [request_id]
    view = _decision(session, request_id, vault)
    assert not view.is_in_effect
    assert view.ground is not None
    assert view.ground.source == "個人情報保護法33条2項1号"
    assert "decision" not in _member_notices(session)
    assert view.decided_at == now


def test_the_second_person_puts_it_into_effect_and_the_member_is_told(
    session: Session, reviewed: Make, proposes: Make, vault: Vault, now: datetime
) -> None:
    request_id = reviewed(session)
    decision_id = proposes(session, request_id, DENIED)

    approve(session, decision_id, actor=TANAKA, now=now + timedelta(hours=1))

    assert session.get_one(Request, request_id).state == State.DECIDED
    assert _last(session, request_id) == ("request:decided", TANAKA, ["outcome", "effective_at", "state"])
    assert _member_notices(session)[-1] == "decision"
    view = _decision(session, request_id, vault)
    assert (view.approved_by, view.effective_at) == (TANAKA, now + timedelta(hours=1))
    assert view.explanation == DENIED.explanation
    assert pending_decisions(session, "eparkrelax") == []


def test_nobody_approves_what_they_proposed(session: Session, reviewed: Make, proposes: Make, now: datetime) -> None:
    request_id = reviewed(session)
    decision_id = proposes(session, request_id)

    with pytest.raises(SecondPersonIsMissingError):
        approve(session, decision_id, actor=SUZUKI, now=now)
    assert session.get_one(Request, request_id).state == State.IN_REVIEW


@pytest.mark.parametrize("actor", ["member", "system", "staff:", "staff: "])
def test_only_staff_decide(session: Session, reviewed: Make, proposes: Make, now: datetime, actor: str) -> None:
    request_id = reviewed(session)
    decision_id = proposes(session, reviewed(session))

    with pytest.raises(StaffOnlyError):
        proposes(session, request_id, actor=actor)
    for step in (approve, reject, note_executed):
        with pytest.raises(StaffOnlyError):
            step(session, decision_id, actor=actor, now=now)


@pytest.mark.parametrize(
    ("kind", "proposal"), [(Kind.DISCLOSURE, ROUTED), (Kind.COMPLAINT, ANSWERED), (Kind.INQUIRY, ROUTED)]
)
def test_one_person_may_route_and_answer_and_no_clock_stops(
    session: Session, reviewed: Make, proposes: Make, now: datetime, kind: Kind, proposal: Proposal
) -> None:
    request_id = reviewed(session, kind, verified=False)

    proposes(session, request_id, proposal)

    request = session.get_one(Request, request_id)
    assert (request.state, request.received_at) == (State.DECIDED, now)
    assert [event.action for event in audit.trail(session, request_id)][-2:] == ["review:begun", "request:decided"]
    assert _member_notices(session) == ["decision"]
    assert _second_person_wanted(session) == []


@pytest.mark.parametrize(
    ("kind", "proposal", "fault"),
    [
        (Kind.DISCLOSURE, ANSWERED, DecisionDoesNotFitError),
        (Kind.COMPLAINT, GRANTED, DecisionDoesNotFitError),
        (Kind.DISCLOSURE, replace(ROUTED, explanation=" 　"), DecisionDoesNotFitError),
        (Kind.DISCLOSURE, replace(DENIED, explanation=""), DecisionDoesNotFitError),
        (Kind.DISCLOSURE, replace(DENIED, explanation="あ" * (LONGEST_TEXT + 1)), DecisionDoesNotFitError),
        (Kind.CORRECTION, GRANTED, DecisionDoesNotFitError),
        (
            Kind.ADDITION,
            Proposal(Outcome.PARTIAL, "content-is-factual", "一部のみ直しました。"),
            DecisionDoesNotFitError,
        ),
        (Kind.DISCLOSURE, replace(DENIED, ground=None), GroundIsNotAllowedError),
        (Kind.ERASURE, replace(DENIED, ground="stop-without-reason"), GroundIsNotAllowedError),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line_without_its_words(
    session: Session, reviewed: Make, proposes: Make, kind: Kind, proposal: Proposal, fault: type[BadInputError]
) -> None:
    request_id = reviewed(session, kind)

    with pytest.raises(fault) as refused:
        proposes(session, request_id, proposal)

    assert "\n" not in str(refused.value)
    assert not proposal.explanation.strip() or proposal.explanation not in str(refused.value)
    assert session.scalar(select(func.count()).select_from(Decision)) == 0


def test_under_the_law_alone_a_stop_without_a_reason_can_be_refused(
    session: Session, reviewed: Make, proposes: Make
) -> None:
    request_id = reviewed(session, Kind.ERASURE)

    assert proposes(session, request_id, replace(DENIED, ground="stop-without-reason"), regime=Regime.APPI)


def test_a_granted_correction_tells_what_was_changed(
    session: Session, reviewed: Make, proposes: Make, vault: Vault
) -> None:
    request_id = reviewed(session, Kind.CORRECTION)

    decision_id = proposes(session, request_id, Proposal(Outcome.GRANTED, detail="電話番号を新しい番号に直しました。"))

    assert _decision(session, request_id, vault).detail == "電話番号を新しい番号に直しました。"
    sealed = session.get_one(Decision, decision_id).sealed_detail
    assert sealed is not None
    assert "電話番号".encode() not in sealed
    assert "電話番号" not in repr(_decision(session, request_id, vault))


@pytest.mark.parametrize("proposal", [GRANTED, DENIED, replace(DENIED, outcome=Outcome.NO_DATA)])
def test_nothing_is_told_to_somebody_unverified(
    session: Session, reviewed: Make, proposes: Make, proposal: Proposal
) -> None:
    request_id = reviewed(session, verified=False)
    if proposal.outcome is Outcome.NO_DATA:
        proposal = replace(proposal, ground="disclosure-no-such-data")

    with pytest.raises(PersonIsUnverifiedError):
        proposes(session, request_id, proposal)


def test_that_nobody_was_identified_can_be_told_by_two(
    session: Session, reviewed: Make, proposes: Make, now: datetime
) -> None:
    request_id = reviewed(session, verified=False)
    decision_id = proposes(
        session, request_id, Proposal(Outcome.UNIDENTIFIED, "person-not-shown", "ご本人と確認できませんでした。")
    )

    approve(session, decision_id, actor=TANAKA, now=now)

    assert session.get_one(Request, request_id).state == State.DECIDED


def test_only_what_is_in_review_can_be_decided(session: Session, filed: Make, proposes: Make) -> None:
    (receipt,) = filed(session)

    with pytest.raises(StateForbidsError):
        proposes(session, receipt.request_id, ROUTED)
    with pytest.raises(RequestIsUnknownError):
        proposes(session, "0" * 32, ROUTED)


def test_one_proposal_at_a_time_and_another_one_after_it_was_rejected(
    session: Session, reviewed: Make, proposes: Make, vault: Vault, now: datetime
) -> None:
    request_id = reviewed(session)
    first = proposes(session, request_id, DENIED)
    with pytest.raises(StateForbidsError):
        proposes(session, request_id)

    reject(session, first, actor=TANAKA, now=now)

    assert _last(session, request_id) == ("decision:rejected", TANAKA, ["rejected_at"])
    assert decision_of(session, request_id, vault=vault) is None
    with pytest.raises(StateForbidsError):
        approve(session, first, actor=TANAKA, now=now)
    second = proposes(session, request_id)
    approve(session, second, actor=TANAKA, now=now)
    assert _decision(session, request_id, vault).id == second
    with pytest.raises(StateForbidsError):
        reject(session, second, actor=TANAKA, now=now)


def test_what_was_taken_back_is_not_decided_any_more(
    session: Session, reviewed: Make, proposes: Make, now: datetime
) -> None:
    request_id = reviewed(session)
    decision_id = proposes(session, request_id)
    withdraw(session, request_id, now=now)

    assert pending_decisions(session, "eparkrelax") == []
    with pytest.raises(StateForbidsError):
        approve(session, decision_id, actor=TANAKA, now=now)


def test_what_was_granted_is_noted_as_done_once(
    session: Session, reviewed: Make, proposes: Make, now: datetime
) -> None:
    request_id = reviewed(session, Kind.ERASURE)
    decision_id = proposes(session, request_id)
    with pytest.raises(StateForbidsError):
        note_executed(session, decision_id, actor=SUZUKI, now=now)
    approve(session, decision_id, actor=TANAKA, now=now)

    for hours in (1, 2):
        note_executed(session, decision_id, actor=SUZUKI, now=now + timedelta(hours=hours))

    row = session.get_one(Decision, decision_id)
    assert (row.executed_by, row.executed_at) == (SUZUKI, now + timedelta(hours=1))
    assert [event.action for event in audit.trail(session, request_id)].count("decision:executed") == 1


def test_after_a_refusal_there_is_nothing_to_do(
    session: Session, reviewed: Make, proposes: Make, now: datetime
) -> None:
    decision_id = proposes(session, reviewed(session), DENIED)
    approve(session, decision_id, actor=TANAKA, now=now)

    with pytest.raises(DecisionDoesNotFitError):
        note_executed(session, decision_id, actor=SUZUKI, now=now)


def test_an_unknown_decision(session: Session, now: datetime) -> None:
    for step in (approve, reject, note_executed):
        with pytest.raises(DecisionIsUnknownError):
            step(session, "0" * 32, actor=SUZUKI, now=now)


def test_a_test_tells_nobody(session: Session, reviewed: Make, proposes: Make, now: datetime) -> None:
    decision_id = proposes(session, reviewed(session, is_test=True))
    approve(session, decision_id, actor=TANAKA, now=now)

    assert session.scalars(select(Outbound)).all() == []


def test_approvals_and_a_withdrawal_at_once_have_one_winner(
    engine: Engine, reviewed: Make, proposes: Make, now: datetime
) -> None:
    with transaction(engine) as session:
        request_id = reviewed(session)
        decision_id = proposes(session, request_id)
    together = threading.Barrier(4)
    won: list[str] = []

    def run(name: str, step: Callable[[Session], object]) -> None:
        together.wait()
        try:
            with transaction(engine) as session:
                step(session)
            won.append(name)
        except StateForbidsError:
            pass

    steps: list[tuple[str, Callable[[Session], object]]] = [
        ("approved", lambda session: approve(session, decision_id, actor=TANAKA, now=now)),
        ("approved", lambda session: approve(session, decision_id, actor="staff:sato", now=now)),
        ("rejected", lambda session: reject(session, decision_id, actor=TANAKA, now=now)),
        ("withdrawn", lambda session: withdraw(session, request_id, now=now)),
    ]
    threads = [threading.Thread(target=run, args=step) for step in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with transaction(engine) as session:
        state = session.get_one(Request, request_id).state
        positions = [event.position for event in audit.trail(session, request_id)]
    assert won == ["approved"] if "approved" in won else "withdrawn" in won
    assert state == (State.DECIDED if "approved" in won else State.WITHDRAWN)
    assert positions == list(range(1, len(positions) + 1))
