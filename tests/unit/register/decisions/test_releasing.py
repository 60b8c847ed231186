from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from bot.register import audit
from bot.register.alerts.models import Alert, AlertSort
from bot.register.decisions.deciding import Proposal, approve, propose
from bot.register.decisions.grounds import Regime
from bot.register.decisions.models import AnswerRelease, Delivery, Outcome
from bot.register.decisions.releasing import (
    available,
    note_downloaded,
    note_posted,
    pending_releases,
    prepare,
    release,
    releases_of,
    tracking_of,
)
from bot.register.errors import (
    PersonIsUnverifiedError,
    ReleaseDoesNotFitError,
    ReleaseIsUnknownError,
    SecondPersonIsMissingError,
    StaffOnlyError,
    StateForbidsError,
)
from bot.register.models import Request
from bot.register.requests import withdraw
from bot.register.thread.models import FilePurpose, StoredFile
from bot.storage.encryption import Vault
from bot.storage.engine import transaction
from bot.storage.models import Outbound
from tests.support.cases import SUZUKI, TANAKA, store_answer

Make = Callable[..., Any]
DENIED = Proposal(Outcome.DENIED, "disclosure-harms-rights", "ほかの方の予約内容が含まれるためです。")


@pytest.fixture
def decided(reviewed: Make, vault: Vault, now: datetime) -> Make:
    """A request with a decision in effect; gives its id."""

    def make(session: Session, proposal: Proposal = Proposal(Outcome.GRANTED), **facts: object) -> str:  # noqa: B008 - it cannot change
        request_id = str(reviewed(session, **facts))
        decision_id = propose(
            session, request_id, proposal, actor=SUZUKI, now=now, vault=vault, regime=Regime.APPI_AND_JIS
        )
        approve(session, decision_id, actor=TANAKA, now=now)
        return request_id

    return make


@pytest.fixture
def prepared(vault: Vault, now: datetime) -> Make:
    """Lays an answer ready on the page; gives the release's id."""

    def make(session: Session, request_id: str, delivery: Delivery = Delivery.PAGE) -> str:
        file_id = store_answer(session, session.get_one(Request, request_id), now=now, vault=vault)
        return prepare(session, request_id, delivery=delivery, file_id=file_id, actor=SUZUKI, now=now)

    return make


def _actions(session: Session, request_id: str) -> list[str]:
    return [event.action for event in audit.trail(session, request_id)]


def _notices(session: Session) -> list[str]:
    kinds = session.scalars(select(Outbound.kind).where(Outbound.recipient == "member"))
    return [kind for kind in kinds if kind.startswith("answer")]


def test_an_answer_waits_for_a_second_person(session: Session, decided: Make, prepared: Make, now: datetime) -> None:
    request_id = decided(session)

    release_id = prepared(session, request_id)

    (view,) = pending_releases(session, "eparkrelax")
    assert (view.id, view.request_id, view.prepared_by, view.released_at) == (release_id, request_id, SUZUKI, None)
    occasions = session.scalars(select(Alert.occasion).where(Alert.sort == AlertSort.SECOND_PERSON)).all()
    assert release_id in occasions
    assert _actions(session, request_id)[-1] == "answer:prepared"
    assert available(session, request_id, now=now) == []
    assert _notices(session) == []


def test_the_second_person_lets_it_go_for_a_while(
    session: Session, decided: Make, prepared: Make, now: datetime
) -> None:
    request_id = decided(session)
    release_id = prepared(session, request_id)

    release(session, release_id, actor=TANAKA, now=now, days=30)

    (view,) = available(session, request_id, now=now + timedelta(days=30, seconds=-1))
    assert (view.released_by, view.available_until) == (TANAKA, now + timedelta(days=30))
    assert available(session, request_id, now=now + timedelta(days=30)) == []
    assert _notices(session) == ["answer_ready"]
    assert _actions(session, request_id)[-1] == "answer:released"
    assert pending_releases(session, "eparkrelax") == []


def test_each_download_stands_in_the_trail(session: Session, decided: Make, prepared: Make, now: datetime) -> None:
    request_id = decided(session)
    release_id = prepared(session, request_id)
    with pytest.raises(StateForbidsError):
        note_downloaded(session, release_id, actor="member", now=now)
    release(session, release_id, actor=TANAKA, now=now, days=30)

    files = {note_downloaded(session, release_id, actor="member", now=now + timedelta(days=day)) for day in (1, 2)}

    assert files == {releases_of(session, request_id)[0].file_id}
    assert _actions(session, request_id)[-2:] == ["answer:downloaded"] * 2
    with pytest.raises(StateForbidsError):
        note_downloaded(session, release_id, actor="member", now=now + timedelta(days=30))


def test_what_goes_by_post_is_told_when_it_is_posted(
    session: Session, decided: Make, prepared: Make, vault: Vault, now: datetime
) -> None:
    request_id = decided(session)
    release_id = prepared(session, request_id, Delivery.POST)
    with pytest.raises(StateForbidsError):
        note_posted(session, release_id, "1234-5678", actor=SUZUKI, now=now, vault=vault)
    release(session, release_id, actor=TANAKA, now=now, days=30)
    assert _notices(session) == []

    note_posted(session, release_id, " 1234-5678 ", actor=SUZUKI, now=now, vault=vault)

    assert _notices(session) == ["answer_posted"]
    assert tracking_of(session, release_id, vault=vault) == "1234-5678"
    assert _actions(session, request_id)[-1] == "answer:posted"
    assert available(session, request_id, now=now) == []
    with pytest.raises(StateForbidsError):
        note_downloaded(session, release_id, actor="member", now=now)
    with pytest.raises(StateForbidsError):
        note_posted(session, release_id, "1234-5678", actor=SUZUKI, now=now, vault=vault)


@pytest.mark.parametrize("tracking", ["", " 　", "1" * 101])
def test_a_tracking_number_has_a_length(
    session: Session, decided: Make, prepared: Make, vault: Vault, now: datetime, tracking: str
) -> None:
    release_id = prepared(session, decided(session), Delivery.POST)
    release(session, release_id, actor=TANAKA, now=now, days=30)

    with pytest.raises(ReleaseDoesNotFitError):
        note_posted(session, release_id, tracking, actor=SUZUKI, now=now, vault=vault)
    assert tracking_of(session, release_id, vault=vault) is None


def test_what_stands_on_the_page_is_not_posted(
    session: Session, decided: Make, prepared: Make, vault: Vault, now: datetime
) -> None:
    release_id = prepared(session, decided(session))
    release(session, release_id, actor=TANAKA, now=now, days=30)

    with pytest.raises(ReleaseDoesNotFitError):
        note_posted(session, release_id, "1234", actor=SUZUKI, now=now, vault=vault)


def test_nobody_releases_what_they_prepared(session: Session, decided: Make, prepared: Make, now: datetime) -> None:
    release_id = prepared(session, decided(session))

    with pytest.raises(SecondPersonIsMissingError):
        release(session, release_id, actor=SUZUKI, now=now, days=30)
    with pytest.raises(StaffOnlyError):
        release(session, release_id, actor="member", now=now, days=30)


def test_a_second_release_is_refused(session: Session, decided: Make, prepared: Make, now: datetime) -> None:
    release_id = prepared(session, decided(session))
    release(session, release_id, actor=TANAKA, now=now, days=30)

    with pytest.raises(StateForbidsError):
        release(session, release_id, actor="staff:sato", now=now, days=90)


def test_data_never_go_to_an_address_that_nothing_ties_to_the_person(
    session: Session, decided: Make, prepared: Make, now: datetime
) -> None:
    release_id = prepared(session, decided(session, binds=False))

    with pytest.raises(PersonIsUnverifiedError):
        release(session, release_id, actor=TANAKA, now=now, days=30)


def test_nothing_leaves_before_it_was_decided_or_after_a_refusal(
    session: Session, reviewed: Make, decided: Make, prepared: Make, now: datetime
) -> None:
    for request_id in (reviewed(session), decided(session, DENIED)):
        release_id = prepared(session, request_id)
        with pytest.raises(StateForbidsError):
            release(session, release_id, actor=TANAKA, now=now, days=30)


def test_nothing_is_prepared_for_what_was_taken_back(
    session: Session, reviewed: Make, prepared: Make, now: datetime
) -> None:
    request_id = reviewed(session)
    prepared(session, request_id)
    withdraw(session, request_id, now=now)

    assert pending_releases(session, "eparkrelax") == []
    with pytest.raises(StateForbidsError):
        prepare(session, request_id, delivery=Delivery.POST, file_id=None, actor=SUZUKI, now=now)


def test_only_an_answer_to_this_very_request_can_be_prepared(
    session: Session, decided: Make, vault: Vault, now: datetime
) -> None:
    request_id, another = decided(session), decided(session)
    theirs = store_answer(session, session.get_one(Request, another), now=now, vault=vault)
    evidence = store_answer(session, session.get_one(Request, request_id), now=now, vault=vault)
    session.get_one(StoredFile, evidence).purpose = FilePurpose.EVIDENCE

    for file_id in (None, "0" * 32, theirs, evidence):
        with pytest.raises(ReleaseDoesNotFitError):
            prepare(session, request_id, delivery=Delivery.PAGE, file_id=file_id, actor=SUZUKI, now=now)


def test_a_file_that_was_removed_is_not_released(
    session: Session, decided: Make, prepared: Make, now: datetime
) -> None:
    release_id = prepared(session, decided(session))
    session.execute(update(StoredFile).values(sealed_content=None, removed_at=now))

    with pytest.raises(ReleaseDoesNotFitError):
        release(session, release_id, actor=TANAKA, now=now, days=30)


def test_an_unknown_answer(session: Session, vault: Vault, now: datetime) -> None:
    with pytest.raises(ReleaseIsUnknownError):
        release(session, "0" * 32, actor=TANAKA, now=now, days=30)
    with pytest.raises(ReleaseIsUnknownError):
        note_downloaded(session, "0" * 32, actor="member", now=now)
    with pytest.raises(ReleaseIsUnknownError):
        tracking_of(session, "0" * 32, vault=vault)


# What follows goes past the functions: the database itself has to refuse.


def _row(request_id: str, now: datetime, **facts: object) -> dict[str, object]:
    return {
        "id": "a" * 32,
        "controller": "eparkrelax",
        "request_id": request_id,
        "delivery": "post",
        "prepared_by": SUZUKI,
        "prepared_at": now,
        "released_by": TANAKA,
        "released_at": now,
        **facts,
    }


@pytest.mark.parametrize(
    "facts",
    [
        {"released_by": SUZUKI},
        {"released_by": None},
        {"released_by": "member"},
        {"prepared_by": "system"},
        {"delivery": "page"},
        {"delivery": "pigeon"},
        {"file_id": "0" * 32},
    ],
)
def test_the_database_refuses_a_release_that_breaks_a_rule(
    engine: Engine, decided: Make, now: datetime, facts: dict[str, object]
) -> None:
    with transaction(engine) as session:
        row = _row(decided(session), now, **facts)

    with pytest.raises(DatabaseError), transaction(engine) as session:
        session.execute(insert(AnswerRelease).values(**row))


def test_the_database_takes_the_same_release_without_the_fault(engine: Engine, decided: Make, now: datetime) -> None:
    with transaction(engine) as session:
        session.execute(insert(AnswerRelease).values(**_row(decided(session), now)))


def test_the_database_wants_a_bound_address(engine: Engine, decided: Make, now: datetime) -> None:
    with transaction(engine) as session:
        row = _row(decided(session, binds=False), now)

    with pytest.raises(DatabaseError, match="ties to the person"), transaction(engine) as session:
        session.execute(insert(AnswerRelease).values(**row))


def test_the_database_wants_a_decision_that_grants(
    engine: Engine, reviewed: Make, decided: Make, now: datetime
) -> None:
    with transaction(engine) as session:
        rows = [_row(request_id, now) for request_id in (reviewed(session), decided(session, DENIED))]

    for row in rows:
        with pytest.raises(DatabaseError, match="decided"), transaction(engine) as session:
            session.execute(insert(AnswerRelease).values(**row))


def test_the_database_hands_over_no_file_of_another_request(
    engine: Engine, decided: Make, vault: Vault, now: datetime
) -> None:
    with transaction(engine) as session:
        theirs = store_answer(session, session.get_one(Request, decided(session)), now=now, vault=vault)
        row = _row(decided(session), now, delivery="page", file_id=theirs)

    with pytest.raises(DatabaseError, match="this very request"), transaction(engine) as session:
        session.execute(insert(AnswerRelease).values(**row))


@pytest.mark.parametrize("column", ["request_id", "file_id", "delivery", "prepared_by", "released_by", "released_at"])
def test_the_database_does_not_let_a_release_be_exchanged(
    engine: Engine, decided: Make, prepared: Make, vault: Vault, now: datetime, column: str
) -> None:
    with transaction(engine) as session:
        request_id, another = decided(session), decided(session)
        release_id = prepared(session, request_id)
        release(session, release_id, actor=TANAKA, now=now, days=30)
        second = store_answer(session, session.get_one(Request, request_id), now=now, vault=vault)
    others = {
        "request_id": another,
        "file_id": second,
        "delivery": "post",
        "prepared_by": "staff:sato",
        "released_by": "staff:sato",
        "released_at": now + timedelta(days=1),
    }

    with pytest.raises(DatabaseError, match="looks at"), transaction(engine) as session:
        session.execute(update(AnswerRelease).where(AnswerRelease.id == release_id).values({column: others[column]}))
