from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.register.alerts.climbing import DeskHours, climb
from bot.register.alerts.models import Alert, AlertSort
from bot.register.alerts.raising import raise_alert
from bot.register.alerts.standing import acknowledge
from bot.register.alerts.watching import watch
from bot.register.life import Move, move
from bot.register.models import Request
from bot.register.staff import Staff, StaffMember
from bot.storage.models import Outbound
from tests.unit.register.alerts.conftest import tokyo

FileAt = Callable[..., Request]
_STAFF = Staff(
    (
        StaffMember(id="sato", name="佐藤", email="sato@example.jp", deputy="suzuki"),
        StaffMember(id="suzuki", name="鈴木", email="suzuki@example.jp"),
        StaffMember(id="tanaka", name="田中", email="tanaka@example.jp"),
    ),
    "desk@example.jp",
)
Climb = Callable[..., int]


@pytest.fixture
def climb_at(session: Session, hours: DeskHours) -> Climb:
    def at(now: datetime, *, staff: Staff = _STAFF) -> int:
        return climb(session, controller="eparkrelax", staff=staff, now=now, hours=hours)

    return at


def reply(session: Session, file_at: FileAt, at: str, *, assignee: str | None = "sato") -> Alert:
    """A member's words at this time, told to whoever looks after the request, and nothing else to be told."""
    request = file_at(session, at, assignee=assignee)
    move(session, request, Move.BEGIN_REVIEW, actor="staff:sato", now=tokyo(at))
    raise_alert(session, request, AlertSort.REPLY, occasion="1", now=tokyo(at))
    return session.scalars(select(Alert).where(Alert.sort == AlertSort.REPLY)).one()


def recipients(session: Session) -> list[str]:
    rows = session.scalars(select(Outbound).where(Outbound.kind == "alert").order_by(Outbound.created_at))
    return [row.recipient for row in rows if row.body["sort"] == "reply"]


def test_to_the_deputy_then_to_everybody_day_after_day(session: Session, file_at: FileAt, climb_at: Climb) -> None:
    alert = reply(session, file_at, "2026-06-09 15:00")

    climb_at(tokyo("2026-06-10 10:00"))
    assert recipients(session) == ["sato", "suzuki"]
    assert (alert.told, alert.climbs) == ("suzuki", 1)
    climb_at(tokyo("2026-06-11 10:00"))
    assert recipients(session)[:2] == ["sato", "suzuki"]
    assert sorted(recipients(session)[2:]) == ["sato", "suzuki", "tanaka"]
    assert (alert.told, alert.climbs) == ("staff", 2)
    climb_at(tokyo("2026-06-12 10:00"))
    assert len(recipients(session)) == 8


def test_once_a_day_however_often_one_looks(session: Session, file_at: FileAt, climb_at: Climb) -> None:
    reply(session, file_at, "2026-06-09 15:00")
    moments = [
        tokyo(f"2026-06-{day} {hour:02}:{minute}") for day in (10, 11) for hour in range(24) for minute in (10, 40)
    ]
    assert [moment for moment in moments if climb_at(moment)] == [tokyo("2026-06-10 10:10"), tokyo("2026-06-11 10:10")]


@pytest.mark.parametrize(
    ("told", "still", "climbs"),
    [
        ("2026-06-09 15:00", "2026-06-10 09:59", "2026-06-10 10:00"),
        # A weekend has no working morning.
        ("2026-06-12 18:59", "2026-06-15 09:59", "2026-06-15 10:00"),
        # Told after hours, it can be read for a whole working day before it climbs.
        ("2026-06-12 19:00", "2026-06-16 09:59", "2026-06-16 10:00"),
        ("2026-06-10 00:00", "2026-06-11 09:59", "2026-06-11 10:00"),
        ("2026-06-10 10:00", "2026-06-11 09:59", "2026-06-11 10:00"),
        ("2025-12-26 15:00", "2026-01-05 09:59", "2026-01-05 10:00"),
    ],
)
def test_it_climbs_when_the_desk_opens_next(
    session: Session, file_at: FileAt, climb_at: Climb, told: str, still: str, climbs: str
) -> None:
    reply(session, file_at, told)
    assert climb_at(tokyo(still)) == 0
    assert climb_at(tokyo(climbs)) == 1


def test_what_was_taken_up_stays_where_it_is(session: Session, file_at: FileAt, climb_at: Climb) -> None:
    alert = reply(session, file_at, "2026-06-09 15:00")
    acknowledge(session, alert.id, actor="staff:sato", now=tokyo("2026-06-09 16:00"))
    assert climb_at(tokyo("2026-06-15 10:00")) == 0


def test_without_a_deputy_everybody_is_told_at_once(session: Session, file_at: FileAt, climb_at: Climb) -> None:
    reply(session, file_at, "2026-06-09 15:00", assignee="tanaka")
    climb_at(tokyo("2026-06-10 10:00"))
    assert sorted(recipients(session)) == ["sato", "suzuki", "tanaka", "tanaka"]


def test_a_desk_without_a_list_is_told_again(session: Session, file_at: FileAt, climb_at: Climb) -> None:
    desk = StaffMember.model_construct(id="staff", name="窓口", email="", slack=None, deputy=None, may=frozenset())
    reply(session, file_at, "2026-06-09 15:00", assignee=None)
    climb_at(tokyo("2026-06-10 10:00"), staff=Staff((desk,), ""))
    assert recipients(session) == ["staff", "staff"]


def test_an_alert_that_moved_on_with_its_request_is_idle(session: Session, file_at: FileAt, climb_at: Climb) -> None:
    request = file_at(session, "2026-06-09 15:00")
    move(session, request, Move.BEGIN_REVIEW, actor="staff:sato", now=tokyo("2026-06-09 16:00"))
    assert climb_at(tokyo("2026-06-10 10:00")) == 0


def test_of_several_reminders_the_newest_climbs(
    session: Session, file_at: FileAt, hours: DeskHours, climb_at: Climb
) -> None:
    request = file_at(session, "2026-06-09 11:00", assignee="sato")
    move(session, request, Move.BEGIN_REVIEW, actor="staff:sato", now=tokyo("2026-06-09 16:00"))
    for day in (10, 12, 16):
        now = tokyo(f"2026-06-{day} 11:00")
        watch(session, controller="eparkrelax", now=now, is_working_day=hours.is_working_day)

    assert climb_at(tokyo("2026-06-17 10:00")) == 1

    rows = session.scalars(select(Alert).where(Alert.sort == AlertSort.NO_CONTACT).order_by(Alert.raised_at))
    assert [(row.occasion, row.climbs) for row in rows] == [("1", 0), ("3", 0), ("7", 1)]


def test_the_days_left_are_those_of_the_day_it_climbs(session: Session, file_at: FileAt, climb_at: Climb) -> None:
    reply(session, file_at, "2026-06-09 15:00")
    climb_at(tokyo("2026-06-10 10:00"))
    (notice,) = session.scalars(select(Outbound).where(Outbound.recipient == "suzuki"))
    assert notice.body["days_left"] == 9


def test_one_transaction_climbs_a_few_at_a_time(session: Session, file_at: FileAt, hours: DeskHours) -> None:
    for _ in range(3):
        file_at(session, "2026-06-09 15:00")

    def some() -> int:
        return climb(session, controller="eparkrelax", staff=_STAFF, now=tokyo("2026-06-10 10:00"), hours=hours, most=2)

    assert [some(), some(), some()] == [2, 1, 0]


def test_a_desk_that_never_opens_lets_nothing_climb(session: Session, file_at: FileAt) -> None:
    reply(session, file_at, "2026-06-09 15:00")
    never = DeskHours(lambda _day: False, time(10), time(19))
    assert climb(session, controller="eparkrelax", staff=_STAFF, now=tokyo("2027-06-10 10:00"), hours=never) == 0
