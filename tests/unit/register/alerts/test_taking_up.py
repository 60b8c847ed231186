"""Alerts that are taken up by doing what they ask for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.register import audit
from bot.register.alerts.models import Alert, AlertSort
from bot.register.alerts.raising import raise_alert
from bot.register.alerts.standing import acknowledge, open_alerts, take_up
from bot.register.casework import assign, begin_review
from bot.register.completing import give_details
from bot.register.decisions.deciding import Proposal, approve, propose, reject
from bot.register.decisions.grounds import Regime
from bot.register.decisions.models import Delivery, Outcome
from bot.register.decisions.releasing import prepare, release
from bot.register.details import Details
from bot.register.life import Move, move
from bot.register.models import Request, Role
from bot.register.thread.files import read_file
from bot.register.thread.handing_in import HandedIn, hand_in
from bot.register.thread.messages import member_writes, read_messages
from bot.register.thread.models import FilePurpose
from bot.storage.encryption import Vault
from tests.support.cases import SUZUKI, TANAKA, store_answer, verify
from tests.unit.register.alerts.conftest import tokyo

FileAt = Callable[..., Request]
_ARRIVED = "2026-06-09 11:00"
_NOW = tokyo("2026-06-10 11:00")
_PROPOSAL = Proposal(Outcome.GRANTED)


def standing(session: Session) -> list[AlertSort]:
    return [view.sort for view in open_alerts(session, "eparkrelax")]


def taken_up(session: Session) -> set[tuple[str, str | None]]:
    return {(alert.sort, alert.acknowledged_by) for alert in session.scalars(select(Alert))}


@pytest.fixture
def request_(session: Session, file_at: FileAt) -> Request:
    return file_at(session, _ARRIVED)


@pytest.fixture
def reviewed(session: Session, request_: Request) -> Request:
    verify(session, request_, now=_NOW)
    begin_review(session, request_.id, actor=SUZUKI, now=_NOW)
    return request_


def suggest(session: Session, request: Request, vault: Vault) -> str:
    return propose(session, request.id, _PROPOSAL, actor=SUZUKI, now=_NOW, vault=vault, regime=Regime.APPI_AND_JIS)


def lay_ready(session: Session, request: Request, vault: Vault) -> str:
    file_id = store_answer(session, request, now=_NOW, vault=vault)
    return prepare(session, request.id, delivery=Delivery.PAGE, file_id=file_id, actor=SUZUKI, now=_NOW)


def test_whoever_is_given_a_request_has_no_arrival_to_take_up(session: Session, request_: Request) -> None:
    assign(session, request_.id, SUZUKI, actor=TANAKA, now=_NOW)
    assert standing(session) == []
    assert taken_up(session) == {("arrival", TANAKA)}


def test_a_review_that_has_begun_takes_the_arrival_up(session: Session, request_: Request) -> None:
    begin_review(session, request_.id, actor=SUZUKI, now=_NOW)
    assert taken_up(session) == {("arrival", SUZUKI)}


def test_reading_takes_up_what_the_member_wrote(session: Session, request_: Request, vault: Vault) -> None:
    for text in ("一つ目", "二つ目"):
        member_writes(session, request_.id, text, now=_NOW, vault=vault)

    read_messages(session, request_.id, actor=SUZUKI, now=_NOW, vault=vault)

    assert standing(session) == [AlertSort.ARRIVAL]
    assert taken_up(session) == {("arrival", None), ("reply", SUZUKI)}
    member_writes(session, request_.id, "三つ目", now=_NOW + timedelta(minutes=1), vault=vault)
    assert standing(session) == [AlertSort.ARRIVAL, AlertSort.REPLY]


def test_opening_a_file_takes_up_that_it_came(session: Session, request_: Request, vault: Vault) -> None:
    move(session, request_, Move.GIVE_DETAILS, actor="member", now=_NOW)
    first, second = (
        hand_in(session, request_.id, HandedIn(FilePurpose.EVIDENCE, "x.pdf", "", content), now=_NOW, vault=vault)
        for content in (b"%PDF-1.7 one", b"%PDF-1.7 two")
    )
    read_messages(session, request_.id, actor=SUZUKI, now=_NOW, vault=vault)
    assert taken_up(session) == {("arrival", None), ("reply", None)}

    read_file(session, first, actor=SUZUKI, now=_NOW, vault=vault)

    told = session.scalars(select(Alert).where(Alert.sort == AlertSort.REPLY))
    assert {alert.occasion: alert.acknowledged_by for alert in told} == {first: SUZUKI, second: None}


@pytest.mark.parametrize("step", [approve, reject])
def test_a_second_person_takes_up_the_decision_and_not_the_answer_beside_it(
    session: Session, reviewed: Request, vault: Vault, step: Callable[..., None]
) -> None:
    decision_id = suggest(session, reviewed, vault)
    release_id = lay_ready(session, reviewed, vault)

    step(session, decision_id, actor=TANAKA, now=_NOW)

    told = session.scalars(select(Alert).where(Alert.sort == AlertSort.SECOND_PERSON))
    assert {alert.occasion: alert.acknowledged_by for alert in told} == {decision_id: TANAKA, release_id: None}


def test_releasing_takes_up_the_answer(session: Session, reviewed: Request, vault: Vault) -> None:
    approve(session, suggest(session, reviewed, vault), actor=TANAKA, now=_NOW)
    release_id = lay_ready(session, reviewed, vault)
    assert standing(session) == [AlertSort.SECOND_PERSON]

    release(session, release_id, actor=TANAKA, now=_NOW, days=30)

    assert standing(session) == []


@pytest.mark.parametrize("actor", ["member", SUZUKI])
def test_details_take_up_that_there_were_none(session: Session, request_: Request, vault: Vault, actor: str) -> None:
    raise_alert(session, request_, AlertSort.NO_CONTACT, occasion="3", now=_NOW)
    details = Details(role=Role.SELF, name="山田花子", email="hanako@example.test")

    give_details(session, request_.draft_id, details, actor=actor, now=_NOW, vault=vault)

    assert taken_up(session) == {("arrival", None), ("no_contact", actor)}


def test_only_what_somebody_says_is_an_event_of_its_own(session: Session, request_: Request) -> None:
    raise_alert(session, request_, AlertSort.BOUNCE, occasion="1", now=_NOW)
    before = len(audit.trail(session, request_.id))

    take_up(session, request_.id, (AlertSort.ARRIVAL,), actor=SUZUKI, now=_NOW)
    assert len(audit.trail(session, request_.id)) == before
    (view,) = open_alerts(session, "eparkrelax")
    for _ in range(2):
        acknowledge(session, view.id, actor=SUZUKI, now=_NOW)

    (event,) = audit.trail(session, request_.id)[before:]
    assert (event.action, event.actor, event.fields) == ("alert:acknowledged", SUZUKI, ["bounce"])


def test_another_request_and_what_is_taken_up_stay_as_they_are(
    session: Session, request_: Request, file_at: FileAt
) -> None:
    other = file_at(session, _ARRIVED)
    take_up(session, request_.id, (AlertSort.ARRIVAL,), actor=SUZUKI, now=_NOW)
    take_up(session, request_.id, (AlertSort.ARRIVAL,), actor=TANAKA, now=_NOW + timedelta(hours=1))

    assert {alert.request_id: alert.acknowledged_by for alert in session.scalars(select(Alert))} == {
        request_.id: SUZUKI,
        other.id: None,
    }
