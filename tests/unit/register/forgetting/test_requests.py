from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from bot.register.audit import trail
from bot.register.check import contradictions
from bot.register.decisions.looking import decision_of
from bot.register.decisions.models import Outcome
from bot.register.forgetting import hold, requests
from bot.register.forgetting.periods import Periods
from bot.register.life import Move, can_move
from bot.register.models import Contact, Draft, Request, State
from bot.register.requests import by_id
from bot.register.thread.models import StoredFile
from bot.storage.encryption import Vault
from bot.storage.engine import transaction
from tests.support.kept_requests import COMPANY, Case, counts, plain_values, sealed_values

Purge = Callable[[Session, datetime], dict[str, int]]
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
YEARS = 1095 * DAY
_AGES = int(os.environ.get("MADOGUCHI_PROOF_AGES", "12"))


def test_not_a_second_early_and_then_everything(session: Session, vault: Vault, now: datetime, purged: Purge) -> None:
    case = Case(session, vault, now)
    request_id = case.whole()
    number = session.get_one(Request, request_id).number
    told = [(event.action, event.actor, event.at) for event in trail(session, request_id)]
    purged(session, now + YEARS - SECOND)
    before = counts(session)
    assert before["thread_message"] == 2
    assert session.get_one(Request, request_id).sealed_words

    gone = purged(session, now + YEARS)

    assert gone["request"] == 1
    left = counts(session)
    for table in ("thread_message", "answer_release", "proof", "alert", "code", "visit", "request_page", "contact"):
        assert left[table] == 0, table
    assert left["stored_file"] == left["request_link"] == 0
    assert list(sealed_values(session)) == []
    assert not [text for text in plain_values(session) if case.canary.casefold() in text.casefold()]
    row = session.get_one(Request, request_id, populate_existing=True)
    assert (row.number, row.state, row.scope, row.conversation_id) == (number, State.CLOSED, None, None)
    decision = decision_of(session, request_id, vault=vault)
    assert decision is not None
    assert (decision.outcome, decision.explanation, decision.detail) == (Outcome.GRANTED, None, None)
    after = [(event.action, event.actor, event.at) for event in trail(session, request_id)]
    assert after[: len(told)] == told
    assert after[-1] == ("request:forgotten", "system", now + YEARS)
    assert not [one for one in contradictions(session, now=now + YEARS) if "outbox" not in one]


def test_each_state_has_its_period(session: Session, vault: Vault, now: datetime, purged: Purge) -> None:
    case = Case(session, vault, now)
    taken_back, set_aside, (running,) = case.withdrawn(), case.unidentified(), case.file()

    assert purged(session, now + 365 * DAY - SECOND) == {}
    assert purged(session, now + 365 * DAY)["request"] == 1
    assert purged(session, now + 400 * DAY - SECOND) == {}
    assert purged(session, now + 400 * DAY)["request"] == 1
    assert purged(session, now + 4000 * DAY) == {}

    rows = {row.id: row for row in session.scalars(select(Request).execution_options(populate_existing=True))}
    assert rows[taken_back].purged_at == now + 365 * DAY
    assert rows[set_aside].purged_at == now + 400 * DAY
    assert rows[running].purged_at is None
    assert rows[running].sealed_words


def test_what_two_requests_share_goes_with_the_last(
    session: Session, vault: Vault, now: datetime, purged: Purge
) -> None:
    request_id = Case(session, vault, now).whole()
    draft_id = session.get_one(Request, request_id).draft_id

    # The one that was taken back goes first, and who asks stays with the other.
    assert purged(session, now + 365 * DAY)["request"] == 1
    assert session.scalar(select(Contact.id).where(Contact.draft_id == draft_id))

    assert purged(session, now + YEARS)["contact"] == 1
    draft = session.get_one(Draft, draft_id, populate_existing=True)
    assert (draft.scope, draft.conversation_id, draft.sealed_words) == (None, None, None)


def test_what_has_been_forgotten_moves_no_more_and_says_so(
    session: Session, vault: Vault, now: datetime, purged: Purge
) -> None:
    request_id = Case(session, vault, now).unidentified()
    assert can_move(session.get_one(Request, request_id), Move.RESUME_IDENTITY)
    purged(session, now + 400 * DAY)

    assert not can_move(session.get_one(Request, request_id), Move.RESUME_IDENTITY)
    view = by_id(session, request_id)
    assert view is not None
    assert (view.purged_at, view.has_contact) == (now + 400 * DAY, False)
    late = [one for one in contradictions(session, now=now + 500 * DAY) if "outbox" not in one and "alert" not in one]
    assert late == []


def test_uploads_and_answers_go_before_their_request(
    session: Session, vault: Vault, now: datetime, purged: Purge
) -> None:
    request_id = Case(session, vault, now).whole()

    assert purged(session, now + 30 * DAY - SECOND) == {}
    assert purged(session, now + 30 * DAY) == {"stored_file": 4}

    files = session.scalars(select(StoredFile).execution_options(populate_existing=True)).all()
    # What staff entered it from is part of the request.
    assert [file.purpose for file in files if file.removed_at is None] == ["original"]
    assert {(file.sealed_name, file.sha256) for file in files if file.removed_at} == {(b"", "")}
    assert [event.action for event in trail(session, request_id)].count("file:removed") == 4
    assert not [
        one for one in contradictions(session, now=now + 30 * DAY) if "outbox" not in one and "alert" not in one
    ]


def test_a_file_of_a_request_that_goes_on_stays(session: Session, vault: Vault, now: datetime, purged: Purge) -> None:
    case = Case(session, vault, now)
    (request_id,) = case.file()
    case.store(session.get_one(Request, request_id), "evidence")  # type: ignore[arg-type]  # its word

    assert purged(session, now + YEARS) == {}


def test_another_companys_requests_are_left(session: Session, vault: Vault, now: datetime) -> None:
    Case(session, vault, now).withdrawn()
    periods = Periods(content={State.WITHDRAWN: DAY}, uploads=DAY, answers=DAY)

    assert requests.purge(session, controller="other", now=now + YEARS, periods=periods) == {}


@settings(max_examples=_AGES, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ages=st.lists(st.tuples(st.integers(-3, 3), st.booleans()), min_size=1, max_size=6), most=st.integers(1, 4))
def test_whatever_the_ages_just_what_is_over_and_free_goes(
    engine: Engine, ages: list[tuple[int, bool]], most: int
) -> None:
    vault, moment = Vault(b"e" * 32, b"h" * 32), datetime.fromisoformat("2026-11-23T01:30:00+00:00")
    periods = Periods(content={State.WITHDRAWN: 365 * DAY}, uploads=DAY, answers=DAY)
    with transaction(engine) as session:
        wanted = {}
        for seconds, is_held in ages:
            request_id = Case(session, vault, moment - 365 * DAY + seconds * SECOND).withdrawn()
            if is_held:
                hold.hold(session, request_id, "訴訟のため", actor="staff:aya", now=moment, vault=vault)
            wanted[request_id] = seconds <= 0 and not is_held
        while requests.purge(session, controller=COMPANY, now=moment, periods=periods, most=most):
            pass
        for request_id, is_over in wanted.items():
            row = session.get_one(Request, request_id, populate_existing=True)
            assert (row.purged_at is not None, row.sealed_words is None) == (is_over, is_over)


@pytest.mark.parametrize("batch", [0, 1, 2])
def test_a_run_that_dies_between_batches_is_taken_up_again(
    engine: Engine, vault: Vault, now: datetime, batch: int
) -> None:
    periods = Periods(content={State.WITHDRAWN: DAY}, uploads=DAY, answers=DAY)
    with transaction(engine) as session:
        ids = [Case(session, vault, now).withdrawn() for _ in range(3)]

    def run(dies_in: int) -> None:
        for number in range(4):
            with transaction(engine) as session:
                requests.purge(session, controller=COMPANY, now=now + DAY, periods=periods, most=1)
                if number == dies_in:
                    raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(batch)
    with transaction(engine) as session:
        done = session.scalars(select(Request.id).where(Request.purged_at.is_not(None))).all()
        assert len(done) == batch
        assert len(list(sealed_values(session))) > 0
    run(dies_in=-1)
    with transaction(engine) as session:
        assert set(session.scalars(select(Request.id).where(Request.purged_at.is_not(None)))) == set(ids)
        assert list(sealed_values(session)) == []
        assert all(len([e for e in trail(session, one) if e.action == "request:forgotten"]) == 1 for one in ids)
