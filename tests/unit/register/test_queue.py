"""The queue lists what staff look for, in the order of last days, page after page without gaps or repetitions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from bot.register.casework import assign, begin_review, set_urgent
from bot.register.completing import give_details
from bot.register.decisions.deciding import approve, propose
from bot.register.decisions.grounds import Regime
from bot.register.decisions.models import Delivery
from bot.register.decisions.releasing import prepare
from bot.register.details import Details
from bot.register.filing import file_draft
from bot.register.kinds import Kind
from bot.register.models import Request, Role, State
from bot.register.queue import NOBODY, Group, Identity, Place, QueueRow, Wanted, assigned_people, count_requests
from bot.register.queue import list_requests as list_them
from bot.register.requests import withdraw
from bot.register.thread.messages import member_writes, read_messages
from bot.storage.encryption import Vault
from tests.support.cases import SUZUKI, TANAKA, store_answer, verify
from tests.support.proposals import GRANTED

Make = Callable[..., Any]
COMPANY = "eparkrelax"
NOW = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
DETAILS = Details(role=Role.SELF, name="見本 花子", email="hanako@example.jp")


def is_weekday(day: date) -> bool:
    return day.weekday() < 5


def listed(session: Session, *, most: int = 50, after: Place | None = None, **wanted: object) -> list[QueueRow]:
    chosen = Wanted(**wanted)  # type: ignore[arg-type]  # each test names what it means
    return list_them(session, COMPANY, chosen, after=after, most=most, now=NOW, is_working_day=is_weekday)


def numbers(session: Session, **wanted: object) -> list[str]:
    chosen = Wanted(**wanted)  # type: ignore[arg-type]  # as above
    rows = list_them(session, COMPANY, chosen, after=None, most=50, now=NOW, is_working_day=is_weekday)
    return [row.number for row in rows]


@pytest.fixture
def on_day(new_draft: Make, vault: Vault) -> Make:
    """Files a request so many days before now; gives its number and id."""

    def file(session: Session, days: float, kind: Kind = Kind.DISCLOSURE, **facts: object) -> tuple[str, str]:
        moment = NOW - timedelta(days=days)
        (one,) = file_draft(session, new_draft(session, kind, now=moment, **facts), now=moment, vault=vault)
        return one.number, one.request_id

    return file


@pytest.mark.companies
def test_what_is_overdue_stands_on_top_and_what_is_over_in_no_queue(session: Session, on_day: Make) -> None:
    fresh, _ = on_day(session, 1)
    late, _ = on_day(session, 20)
    middle, _ = on_day(session, 14)
    _, taken_back = on_day(session, 30)
    withdraw(session, taken_back, now=NOW)
    on_day(session, 3, controller="another")

    assert numbers(session) == [late, middle, fresh]
    first, second, third = listed(session)
    assert (first.is_overdue, second.is_overdue, third.is_overdue) == (True, False, False)
    # Filed on 11-22, due on 12-06: the working days after Monday 11-23.
    assert (first.working_days_left, second.working_days_left, third.working_days_left) == (0, 0, 9)
    assert third.due.from_arrival == date(2026, 12, 6)


def test_what_is_over_stands_with_the_newest_on_top(session: Session, on_day: Make) -> None:
    found = [on_day(session, days) for days in (5, 1, 9)]
    for _, request_id in found:
        withdraw(session, request_id, now=NOW)

    assert numbers(session, group=Group.OVER) == [found[1][0], found[0][0], found[2][0]]
    assert listed(session, group=Group.OVER)[0].working_days_left is None
    assert numbers(session, group=Group.ALL) == numbers(session, group=Group.OVER)
    assert numbers(session, group=Group.UNFINISHED) == []


@pytest.mark.parametrize("group", [Group.OPEN, Group.ALL])
@pytest.mark.parametrize("size", [1, 2, 5])
def test_pages_follow_each_other_without_gap_or_repetition(
    session: Session, on_day: Make, group: Group, size: int
) -> None:
    # Several arrive at one moment: the id decides between them.
    for days in (3, 3, 3, 1, 7, 7, 2):
        on_day(session, days)
    whole = listed(session, group=group)

    walked: list[QueueRow] = []
    place = None
    while rows := listed(session, group=group, most=size, after=place):
        walked += rows
        place = Place(rows[-1].received_at, rows[-1].id)

    assert [row.id for row in walked] == [row.id for row in whole]
    assert len(whole) == 7


def test_filters_narrow_the_list_down(session: Session, on_day: Make) -> None:
    mine, mine_id = on_day(session, 2)
    urgent, urgent_id = on_day(session, 3, Kind.ERASURE)
    complaint, _ = on_day(session, 13, Kind.COMPLAINT)
    test, _ = on_day(session, 4, is_test=True)
    assign(session, mine_id, SUZUKI, actor=TANAKA, now=NOW)
    assign(session, urgent_id, TANAKA, actor=TANAKA, now=NOW)
    set_urgent(session, urgent_id, urgent=True, actor=TANAKA, now=NOW)

    assert numbers(session) == [complaint, urgent, mine]
    assert numbers(session, assignee=SUZUKI) == [mine]
    assert numbers(session, assignee=NOBODY) == [complaint]
    assert numbers(session, urgent=True) == [urgent]
    assert numbers(session, kinds=(Kind.COMPLAINT, Kind.ERASURE)) == [complaint, urgent]
    assert numbers(session, due_by=date(2026, 11, 24)) == [complaint]
    assert numbers(session, due_by=date(2026, 11, 23)) == []
    assert numbers(session, with_tests=True) == [complaint, test, urgent, mine]
    assert assigned_people(session, COMPANY) == [SUZUKI, TANAKA]
    assert assigned_people(session, "another") == []


def test_a_row_says_what_staff_have_to_know_at_a_glance(session: Session, on_day: Make, vault: Vault) -> None:
    bare, _ = on_day(session, 3)
    reached, reached_id = on_day(session, 2, Kind.DISCLOSURE, scope="健康情報")
    question, _ = on_day(session, 1, Kind.INQUIRY, scope=None, words="安全管理のために何をしていますか")
    draft_id = session.get_one(Request, reached_id).draft_id
    give_details(session, draft_id, DETAILS, actor="member", now=NOW, vault=vault)
    member_writes(session, reached_id, "まだでしょうか。", now=NOW, vault=vault)

    first, second, third = listed(session)
    assert (first.number, first.has_contact, first.has_reply, first.identity) == (bare, False, False, Identity.OPEN)
    assert (second.number, second.has_contact, second.has_reply) == (reached, True, True)
    assert (second.is_sensitive, second.state) == (True, State.IDENTITY_PENDING)
    assert (third.number, third.without_delay, third.identity) == (question, True, Identity.NOT_NEEDED)
    assert numbers(session, replied=True) == [reached]
    assert numbers(session, without_contact=True) == [bare, question]
    assert numbers(session, ordinary_only=True) == [bare, question]

    read_messages(session, reached_id, actor=SUZUKI, now=NOW, vault=vault)
    assert numbers(session, replied=True) == []


def test_what_waits_for_a_second_person_is_found(session: Session, on_day: Make, vault: Vault) -> None:
    _, request_id = on_day(session, 2)
    on_day(session, 1)
    request = session.get_one(Request, request_id)
    verify(session, request, now=NOW)
    begin_review(session, request_id, actor=SUZUKI, now=NOW)
    rules = {"actor": SUZUKI, "now": NOW, "vault": vault, "regime": Regime.APPI}
    decision = propose(session, request_id, GRANTED, **rules)  # type: ignore[arg-type]  # as every step takes them

    (row,) = listed(session, second_person=True)
    assert (row.id, row.waits_for_second, row.identity) == (request_id, True, Identity.VERIFIED)
    assert [row.waits_for_second for row in listed(session)] == [True, False]

    approve(session, decision, actor=TANAKA, now=NOW)
    assert listed(session, second_person=True) == []
    answer = store_answer(session, request, now=NOW, vault=vault)
    prepare(session, request_id, delivery=Delivery.PAGE, file_id=answer, actor=SUZUKI, now=NOW)
    assert [row.id for row in listed(session, second_person=True, group=Group.DECIDED)] == [request_id]


def test_the_verified_ones_are_told_apart_from_the_expired(session: Session, on_day: Make) -> None:
    _, known = on_day(session, 3)
    _, unknown = on_day(session, 2)
    verify(session, session.get_one(Request, known), now=NOW)
    session.get_one(Request, unknown).state = State.IDENTITY_PENDING
    session.flush()
    session.get_one(Request, unknown).state = State.IDENTITY_EXPIRED
    session.flush()

    assert [row.identity for row in listed(session)] == [Identity.VERIFIED, Identity.EXPIRED]
    assert [row.id for row in listed(session, group=Group.IDENTITY)] == [unknown]
    assert [row.id for row in listed(session, group=Group.REVIEW)] == [known]
    verified, _ = listed(session)
    assert verified.due.from_verification == date(2026, 12, 7)


def test_nobody_counts_further_than_is_read(session: Session, on_day: Make) -> None:
    for days in range(4):
        on_day(session, days)

    assert count_requests(session, COMPANY, Wanted(), most=1000) == 4
    assert count_requests(session, COMPANY, Wanted(), most=3) == 3
    assert count_requests(session, COMPANY, Wanted(group=Group.NOTIFIED), most=3) == 0
