"""What the desk has to do: who sees what, in which order, and that counts stop."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from bot.clock import TOKYO
from bot.register import agenda as agendas
from bot.register.agenda import Agenda, agenda, last_day_ahead
from bot.register.alerts.models import AlertSort
from bot.register.alerts.raising import raise_alert
from bot.register.alerts.standing import acknowledge
from bot.register.completing import give_details
from bot.register.details import read_details
from bot.register.filing import file_draft
from bot.register.kinds import Kind
from bot.register.models import Request
from bot.register.thread.messages import member_writes, read_messages
from bot.staff.actor import Actor
from bot.staff.roles import Role
from bot.storage.encryption import Vault

AYA = Actor("aya", "青木彩", "eparkrelax", Role.OFFICER, sees_sensitive=False, session_id="s")
NOW = datetime(2026, 11, 26, 11, 0, tzinfo=TOKYO)
DETAILS = read_details({"role": "self", "name": "山田花子", "email": "hanako@example.com"})

FileAt = Callable[..., Request]


def is_weekday(day: date) -> bool:
    return day.weekday() < 5


@pytest.fixture
def file_at(session: Session, new_draft: Callable[..., str], vault: Vault) -> FileAt:
    def make(at: str, kind: Kind = Kind.DISCLOSURE, *, assignee: str | None = None, **facts: object) -> Request:
        arrived = datetime.fromisoformat(at).replace(tzinfo=TOKYO)
        (receipt,) = file_draft(session, new_draft(session, kind, now=arrived, **facts), now=arrived, vault=vault)
        request = session.get_one(Request, receipt.request_id)
        request.assignee = assignee
        session.flush()
        return request

    return make


def looked_at(session: Session, actor: Actor = AYA, now: datetime = NOW) -> Agenda:
    return agenda(session, actor, now=now, is_working_day=is_weekday)


def ids(section: agendas.Section[agendas.Task]) -> list[str]:
    return [task.id for task in section.rows]


def test_what_is_due_goes_by_the_earlier_clock_on_the_japanese_calendar(session: Session, file_at: FileAt) -> None:
    overdue = file_at("2026-11-11 23:59")
    today = [file_at("2026-11-12 00:00"), file_at("2026-11-12 23:59")]
    soon = [file_at("2026-11-13 00:00"), file_at("2026-11-17 23:59")]
    file_at("2026-11-18 00:00")

    found = looked_at(session)

    assert found.horizon == date(2026, 12, 1)
    assert ids(found.overdue) == [overdue.id]
    assert ids(found.due_today) == [request.id for request in today]
    assert ids(found.due_soon) == [request.id for request in soon]


def test_ones_own_come_first_and_those_of_nobody_next(session: Session, file_at: FileAt) -> None:
    colleagues = file_at("2026-11-09 10:00", assignee="staff:ken")
    nobodys = file_at("2026-11-10 10:00")
    own = file_at("2026-11-11 10:00", assignee=AYA.id)

    assert ids(looked_at(session).overdue) == [own.id, nobodys.id, colleagues.id]


@pytest.mark.companies
def test_tests_other_companies_and_what_one_may_not_read_are_no_task(session: Session, file_at: FileAt) -> None:
    file_at("2026-11-01 10:00", is_test=True)
    file_at("2026-11-01 10:00", controller="other")
    sensitive = file_at("2026-11-01 10:00", scope="健康情報")

    assert looked_at(session).overdue.count == 0
    may = Actor("ken", "工藤健", "eparkrelax", Role.OFFICER, sees_sensitive=True, session_id="s")
    assert ids(looked_at(session, may).overdue) == [sensitive.id]


def test_a_section_shows_a_few_and_counts_all(
    session: Session, file_at: FileAt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agendas, "MOST_SHOWN", 2)
    for number in range(5):
        file_at(f"2026-11-0{number + 1} 10:00")
    found = looked_at(session).overdue
    assert (len(found.rows), found.count) == (2, 5)


def test_who_has_written_waits_until_somebody_reads_it(session: Session, file_at: FileAt, vault: Vault) -> None:
    request = file_at("2026-11-20 10:00")
    member_writes(session, request.id, "一通目", now=NOW - timedelta(hours=2), vault=vault)
    member_writes(session, request.id, "二通目", now=NOW - timedelta(hours=1), vault=vault)

    replies = looked_at(session).replies
    assert (ids(replies), replies.count, replies.rows[0].since) == ([request.id], 1, NOW - timedelta(hours=2))

    read_messages(session, request.id, actor=AYA.id, now=NOW, vault=vault)
    assert looked_at(session).replies.count == 0


def test_who_cannot_be_answered_waits_for_contact_details(session: Session, file_at: FileAt, vault: Vault) -> None:
    request = file_at("2026-11-20 10:00")
    assert ids(looked_at(session).without_contact) == [request.id]

    give_details(session, request.draft_id, DETAILS, actor="member", now=NOW, vault=vault)
    assert looked_at(session).without_contact.count == 0


def test_inquiries_and_complaints_stand_in_one_list(session: Session, file_at: FileAt) -> None:
    complaint = file_at("2026-11-20 10:00", Kind.COMPLAINT)
    inquiry = file_at("2026-11-21 10:00", Kind.INQUIRY)
    file_at("2026-11-19 10:00")

    assert ids(looked_at(session).inquiries) == [complaint.id, inquiry.id]


def test_of_alerts_the_newest_of_a_sort_stands_until_it_is_taken_up(session: Session, file_at: FileAt) -> None:
    request = file_at("2026-11-20 10:00", assignee=AYA.id)
    for hours, occasion in ((3, "1"), (2, "3")):
        at = NOW - timedelta(hours=hours)
        raise_alert(session, request, AlertSort.NO_CONTACT, occasion=occasion, now=at)
    raise_alert(session, request, AlertSort.REPLY, occasion="r", now=NOW)

    alerts = looked_at(session).alerts
    # Its arrival was told to everybody, before it was Aya's; a reply has a section of its own.
    assert [told.sort for told in alerts.rows] == [AlertSort.NO_CONTACT, AlertSort.ARRIVAL]
    assert alerts.rows[0].raised_at == NOW - timedelta(hours=2)

    acknowledge(session, alerts.rows[0].id, actor=AYA.id, now=NOW)
    assert [told.sort for told in looked_at(session).alerts.rows] == [AlertSort.ARRIVAL]


def test_the_third_working_day_skips_days_on_which_the_desk_is_closed() -> None:
    assert last_day_ahead(date(2026, 11, 26), is_weekday) == date(2026, 12, 1)
    assert last_day_ahead(date(2026, 11, 26), lambda _: False) == date(2027, 1, 25)
