"""One request to several companies: a request for each, all of them or none, and each alone from then on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select

from bot.crash_points import CrashPoint
from bot.register import filing, groups
from bot.register.casework import begin_review
from bot.register.completing import give_details
from bot.register.deadlines import policy_due_from_receipt
from bot.register.details import Details
from bot.register.errors import CompanyIsNoSisterError, NothingWasFiledError
from bot.register.groups import file_group, siblings_of, standings_of
from bot.register.kinds import Kind
from bot.register.life import Move, locked_request, move
from bot.register.models import AuditEvent, Draft, ReplyBy, Request, RequestGroup, Role, State
from bot.register.purge import purge
from bot.storage.encryption import Vault
from bot.storage.engine import open_engine, reading, transaction
from bot.storage.walls import EVERY, speaking_for
from tests.unit.register.conftest import File, OpenDraft

PARKING, OUTING = "parking", "outing"
SISTERS = {PARKING: "見本駐車株式会社", OUTING: "見本おでかけ株式会社"}
NAME = "見本株式会社"
DETAILS = Details(role=Role.SELF, reply_by=ReplyBy.EMAIL, name="見本 花子", email="hanako@example.jp")


@pytest.fixture
def all_of_it(database_url: str) -> Iterator[Engine]:
    """What is in the database, whichever company's."""
    opened = open_engine(database_url, controller=EVERY)
    yield opened
    opened.dispose()


@pytest.fixture
def sister(database_url: str) -> Iterator[Engine]:
    opened = open_engine(database_url, controller=PARKING)
    yield opened
    opened.dispose()


@pytest.fixture
def draft_id(engine: Engine, filed: File) -> str:
    with transaction(engine) as session:
        (receipt,) = filed(session)
        return session.get_one(Request, receipt.request_id).draft_id


def group(engine: Engine, draft_id: str, now: datetime, vault: Vault) -> list[groups.Child]:
    with transaction(engine) as session:
        return file_group(session, draft_id, SISTERS, name=NAME, now=now, vault=vault)


def rows(engine: Engine) -> dict[str, list[str]]:
    with reading(engine) as session:
        found: dict[str, list[str]] = {}
        for controller, number in session.execute(select(Request.controller, Request.number)):
            found.setdefault(controller, []).append(number)
        return found


def test_each_company_has_a_request_of_its_own(
    engine: Engine, all_of_it: Engine, sister: Engine, draft_id: str, now: datetime, vault: Vault
) -> None:
    children = group(engine, draft_id, now, vault)

    assert [child.controller for child in children] == [PARKING, OUTING]
    assert {company: len(numbers) for company, numbers in rows(all_of_it).items()} == {
        "eparkrelax": 1,
        PARKING: 1,
        OUTING: 1,
    }
    with reading(sister) as session:
        request = session.scalars(select(Request)).one()
        assert (request.number, request.state) == (children[0].receipts[0].number, State.RECEIVED)
        assert request.sealed_words is not None
        words = vault.open(request.sealed_words, table="request", row=request.id, column="sealed_words")
        assert words == "予約履歴を見せてください"
        assert session.scalars(select(AuditEvent.action)).all() == ["request:filed"]


def test_a_company_sees_of_the_others_their_numbers_and_names(
    engine: Engine, sister: Engine, draft_id: str, now: datetime, vault: Vault
) -> None:
    children = group(engine, draft_id, now, vault)
    with reading(engine) as session:
        own = session.scalars(select(Request.number)).one()
        assert {one.number for one in siblings_of(session, draft_id)} == {c.receipts[0].number for c in children}
    with reading(sister) as session:
        seen = siblings_of(session, children[0].draft_id)
        assert [(one.company, one.number) for one in seen] == [
            (NAME, own),
            (SISTERS[OUTING], children[1].receipts[0].number),
        ]
        assert session.get(Draft, draft_id) is None
        # Where they stand is the member's to see, at whichever company's page.
        found = standings_of(session, children[0].draft_id)
        assert [(one.sibling, one.state) for one in found] == [(one, State.RECEIVED) for one in seen]


def test_again_it_is_the_same_group(
    engine: Engine, all_of_it: Engine, draft_id: str, now: datetime, vault: Vault
) -> None:
    first, second = (group(engine, draft_id, now + timedelta(hours=hours), vault) for hours in (0, 1))

    assert first == second
    with reading(all_of_it) as session:
        assert session.scalar(select(func.count()).select_from(RequestGroup)) == 1
        assert session.scalar(select(func.count()).select_from(Request)) == 3


def test_a_request_that_stands_alone_has_no_siblings(
    engine: Engine, draft_id: str, now: datetime, vault: Vault
) -> None:
    with transaction(engine) as session:
        assert file_group(session, draft_id, {}, name=NAME, now=now, vault=vault) == []
        assert siblings_of(session, draft_id) == []
        assert standings_of(session, draft_id) == []
        assert session.scalar(select(func.count()).select_from(RequestGroup)) == 0


def test_what_is_not_filed_and_who_is_asked_already_is_refused(
    engine: Engine, draft_id: str, new_draft: OpenDraft, now: datetime, vault: Vault
) -> None:
    with transaction(engine) as session:
        with pytest.raises(NothingWasFiledError):
            file_group(session, new_draft(session), SISTERS, name=NAME, now=now, vault=vault)
        with pytest.raises(CompanyIsNoSisterError):
            file_group(session, draft_id, {"eparkrelax": NAME}, name=NAME, now=now, vault=vault)


_POINTS = [
    (point, time)
    for point in (
        CrashPoint.FILING_BEGUN,
        CrashPoint.FILING_WITHOUT_TRAIL,
        CrashPoint.FILING_WITHOUT_NOTICE,
        CrashPoint.FILING_BEFORE_COMMIT,
    )
    for time in (1, 2)
]


@pytest.mark.parametrize(("point", "time"), _POINTS)
def test_whoever_dies_in_the_middle_has_filed_with_none(  # noqa: PLR0917 - fixtures, and where it happens
    engine: Engine,
    all_of_it: Engine,
    draft_id: str,
    now: datetime,
    vault: Vault,
    monkeypatch: pytest.MonkeyPatch,
    point: CrashPoint,
    time: int,
) -> None:
    passed: list[CrashPoint] = []

    def die(here: CrashPoint) -> None:
        passed.append(here)
        if passed.count(point) == time and here == point:
            raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(filing, "crash_point", die)
        with pytest.raises(ZeroDivisionError):
            group(engine, draft_id, now, vault)

    assert list(rows(all_of_it)) == ["eparkrelax"]
    with reading(all_of_it) as session:
        assert session.scalar(select(func.count()).select_from(RequestGroup)) == 0
        assert session.scalar(select(func.count()).select_from(Draft)) == 1
    assert len(group(engine, draft_id, now, vault)) == 2
    assert sorted(rows(all_of_it)) == ["eparkrelax", OUTING, PARKING]


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(hours=st.lists(st.integers(0, 24 * 9), min_size=3, max_size=3))
def test_clocks_states_and_ends_of_siblings_are_their_own(
    engine: Engine, new_draft: OpenDraft, now: datetime, vault: Vault, hours: list[int]
) -> None:
    with transaction(engine) as session:
        draft_id = new_draft(session, Kind.DISCLOSURE)
        filing.file_draft(session, draft_id, now=now, vault=vault)
        later = now + timedelta(hours=hours[0])
        first, second = file_group(session, draft_id, SISTERS, name=NAME, now=later, vault=vault)
        with speaking_for(session, PARKING):
            move(
                session,
                locked_request(session, first.receipts[0].request_id),
                Move.WITHDRAW,
                actor="member",
                now=later + timedelta(hours=hours[1]),
            )
        with speaking_for(session, OUTING):
            give_details(session, second.draft_id, DETAILS, actor="member", now=later, vault=vault)
        states = {one.sibling.controller: one.state for one in standings_of(session, draft_id)}
        assert states == {PARKING: State.WITHDRAWN, OUTING: State.IDENTITY_PENDING}
        own = session.scalars(select(Request).where(Request.draft_id == draft_id)).one()
        assert (own.state, own.received_at) == (State.RECEIVED, now)
        due = {policy_due_from_receipt(one.received_at) for one in standings_of(session, draft_id)}
        assert due == {policy_due_from_receipt(later)}
        session.rollback()


def test_a_test_s_group_goes_with_it(
    engine: Engine, all_of_it: Engine, filed: File, now: datetime, vault: Vault
) -> None:
    with transaction(engine) as session:
        (receipt,) = filed(session, is_test=True)
        draft_id = session.get_one(Request, receipt.request_id).draft_id
    group(engine, draft_id, now, vault)
    with transaction(engine) as session:
        assert purge(session, controller="eparkrelax", now=now + timedelta(days=2), draft_days=30).tests == 1

    assert sorted(rows(all_of_it)) == [OUTING, PARKING]
    with reading(all_of_it) as session:
        assert session.scalar(select(func.count()).select_from(RequestGroup)) == 0


def test_a_real_group_stays_when_one_of_it_is_over(
    engine: Engine, sister: Engine, draft_id: str, now: datetime, vault: Vault
) -> None:
    children = group(engine, draft_id, now, vault)
    with transaction(sister) as session:
        request_id = children[0].receipts[0].request_id
        move(session, locked_request(session, request_id), Move.WITHDRAW, actor="member", now=now)
        purge(session, controller=PARKING, now=now + timedelta(days=2), draft_days=30)
        assert len(siblings_of(session, children[0].draft_id)) == 2
    with reading(engine) as session:
        assert session.scalars(select(Request.state)).all() == [State.RECEIVED]


def test_staff_of_a_company_work_on_their_own_alone(
    engine: Engine, sister: Engine, draft_id: str, now: datetime, vault: Vault
) -> None:
    group(engine, draft_id, now, vault)
    with reading(engine) as session:
        own = session.scalars(select(Request.id)).one()
    with transaction(sister) as session, pytest.raises(Exception, match="request") as raised:
        begin_review(session, own, actor="staff:ken", now=now)
    assert type(raised.value).__name__ == "RequestIsUnknownError"
