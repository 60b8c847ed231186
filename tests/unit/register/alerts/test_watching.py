from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from bot.register.alerts.climbing import DeskHours
from bot.register.alerts.models import Alert, AlertSort
from bot.register.alerts.watching import watch
from bot.register.life import Move, move
from bot.register.models import Contact, Request
from bot.storage.engine import transaction
from bot.storage.models import Outbound
from tests.unit.register.alerts.conftest import tokyo

FileAt = Callable[..., Request]


@pytest.fixture
def look(session: Session, hours: DeskHours) -> Callable[[datetime], int]:
    def at(now: datetime) -> int:
        return watch(session, controller="eparkrelax", now=now, is_working_day=hours.is_working_day)

    return at


Look = Callable[[datetime], int]


def told(session: Session, *sorts: AlertSort) -> list[tuple[str, str]]:
    wanted = sorts or (AlertSort.DUE_SOON, AlertSort.OVERDUE, AlertSort.CLOSURE)
    rows = session.scalars(select(Alert).where(Alert.sort.in_(wanted)).order_by(Alert.raised_at, Alert.sort))
    return [(alert.sort, alert.occasion) for alert in rows]


def reachable(session: Session, request: Request) -> None:
    session.add(
        Contact(
            id=request.id,
            controller=request.controller,
            draft_id=request.draft_id,
            role="self",
            sealed_name=b"n",
            sealed_email=b"e",
            given_at=request.received_at,
        )
    )
    session.flush()


def test_three_working_days_before_and_a_day_after(session: Session, file_at: FileAt, look: Look) -> None:
    # Arrived on a Tuesday, due on Tuesday 23 June: the three working days before are Thursday, Friday and Monday.
    file_at(session, "2026-06-09 11:00")

    look(tokyo("2026-06-17 23:59:59"))
    assert told(session) == []
    look(tokyo("2026-06-18 00:00:00"))
    assert told(session) == [("due_soon", "2026-06-23")]
    look(tokyo("2026-06-23 23:59:59"))
    assert told(session) == [("due_soon", "2026-06-23")]
    look(tokyo("2026-06-24 00:00:00"))
    assert told(session) == [("due_soon", "2026-06-23"), ("overdue", "2026-06-23")]


def test_what_is_told_names_the_days_left(session: Session, file_at: FileAt, look: Look) -> None:
    file_at(session, "2026-06-09 11:00")
    look(tokyo("2026-06-19 11:00"))

    (notice,) = [row for row in session.scalars(select(Outbound)) if row.body["sort"] == "due_soon"]

    assert notice.body["days_left"] == 2


def test_the_same_is_told_once_however_often_one_looks(session: Session, file_at: FileAt, look: Look) -> None:
    file_at(session, "2026-06-09 11:00")

    raised = [look(tokyo("2026-06-09 11:00") + timedelta(hours=hour)) for hour in range(24 * 20)]

    assert sum(raised) == 2 + 4
    assert told(session, AlertSort.NO_CONTACT) == [("no_contact", days) for days in ("1", "3", "7", "14")]


def test_what_falls_into_a_closure_is_told_a_week_before(session: Session, file_at: FileAt, look: Look) -> None:
    inside, after = file_at(session, "2025-12-19 11:00"), file_at(session, "2025-12-22 11:00")

    look(tokyo("2025-12-22 12:00"))

    rows = session.scalars(select(Alert).where(Alert.sort == AlertSort.CLOSURE)).all()
    assert [(row.request_id, row.occasion) for row in rows] == [(inside.id, "2026-01-04")]
    assert after.id != inside.id


def test_through_the_turn_of_the_year_a_closure_is_told_once(session: Session, file_at: FileAt, look: Look) -> None:
    file_at(session, "2025-12-19 11:00")

    for day in range(16):
        look(tokyo("2025-12-19 12:00") + timedelta(days=day))

    assert told(session) == [
        ("closure", "2026-01-04"),
        ("due_soon", "2026-01-02"),
        ("overdue", "2026-01-02"),
    ]


def test_after_a_pause_only_the_last_reminder_is_told(session: Session, file_at: FileAt, look: Look) -> None:
    file_at(session, "2026-06-09 11:00")

    look(tokyo("2026-06-17 11:00"))

    assert told(session, AlertSort.NO_CONTACT) == [("no_contact", "7")]


def test_who_can_be_reached_needs_no_reminder(session: Session, file_at: FileAt, look: Look) -> None:
    reachable(session, file_at(session, "2026-06-09 11:00"))
    look(tokyo("2026-06-17 11:00"))
    assert told(session, AlertSort.NO_CONTACT) == []


def test_what_was_taken_back_is_left_alone(session: Session, file_at: FileAt, look: Look) -> None:
    request = file_at(session, "2026-06-09 11:00")
    move(session, request, Move.WITHDRAW, actor="member", now=tokyo("2026-06-10 11:00"))
    assert look(tokyo("2026-06-30 11:00")) == 0


def test_what_is_in_review_is_watched(session: Session, file_at: FileAt, look: Look) -> None:
    request = file_at(session, "2026-06-09 11:00")
    move(session, request, Move.BEGIN_REVIEW, actor="staff:sato", now=tokyo("2026-06-10 11:00"))
    look(tokyo("2026-06-30 11:00"))
    assert told(session) == [("overdue", "2026-06-23")]


@pytest.mark.companies
@pytest.mark.parametrize("facts", [{"is_test": True}, {"controller": "other"}])
def test_tests_and_other_companies_are_left_alone(
    session: Session, file_at: FileAt, look: Look, facts: dict[str, object]
) -> None:
    file_at(session, "2026-06-09 11:00", **facts)
    assert look(tokyo("2026-06-30 11:00")) == 0


def test_one_transaction_tells_of_a_few_at_a_time(session: Session, file_at: FileAt, hours: DeskHours) -> None:
    for _ in range(3):
        reachable(session, file_at(session, "2026-06-09 11:00"))

    def some() -> int:
        now = tokyo("2026-06-30 11:00")
        return watch(session, controller="eparkrelax", now=now, is_working_day=hours.is_working_day, most=2)

    assert [some(), some(), some()] == [2, 1, 0]


def test_two_who_look_at_once_tell_once(engine: Engine, file_at: FileAt, hours: DeskHours) -> None:
    with transaction(engine) as first:
        file_at(first, "2026-06-09 11:00")
    together = threading.Barrier(4)

    def look() -> None:
        together.wait()
        with transaction(engine) as own:
            now = tokyo("2026-06-30 11:00")
            watch(own, controller="eparkrelax", now=now, is_working_day=hours.is_working_day)

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with transaction(engine) as later:
        assert told(later) == [("overdue", "2026-06-23")]
