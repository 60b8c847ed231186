from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.register.alerts.climbing import DeskHours
from bot.register.alerts.models import Alert, AlertSort
from bot.register.alerts.raising import raise_alert
from bot.register.alerts.standing import acknowledge, days_left, open_alerts
from bot.register.errors import AlertIsUnknownError, StateForbidsError
from bot.register.life import Move, move
from bot.register.models import Request
from tests.unit.register.alerts.conftest import tokyo

FileAt = Callable[..., Request]
_NOW = tokyo("2026-06-10 11:00")


def sorts(session: Session) -> list[AlertSort]:
    return [view.sort for view in open_alerts(session, "eparkrelax")]


def test_what_is_told_stands_until_somebody_takes_it_up(session: Session, file_at: FileAt) -> None:
    request = file_at(session, "2026-06-09 11:00", assignee="sato")
    (view,) = open_alerts(session, "eparkrelax")
    assert (view.number, view.sort, view.told) == (request.number, AlertSort.ARRIVAL, "staff")

    acknowledge(session, view.id, actor="staff:sato", now=_NOW)

    assert open_alerts(session, "eparkrelax") == []
    alert = session.get_one(Alert, view.id)
    assert (alert.acknowledged_by, alert.acknowledged_at) == ("staff:sato", _NOW)


def test_a_second_time_changes_nothing(session: Session, file_at: FileAt) -> None:
    file_at(session, "2026-06-09 11:00")
    (view,) = open_alerts(session, "eparkrelax")

    for actor in ("staff:sato", "staff:suzuki"):
        acknowledge(session, view.id, actor=actor, now=_NOW)

    assert session.get_one(Alert, view.id).acknowledged_by == "staff:sato"


def test_taking_one_up_takes_up_the_earlier_ones_of_its_sort(session: Session, file_at: FileAt) -> None:
    request = file_at(session, "2026-06-09 11:00")
    for minute in (1, 2, 3):
        at = tokyo(f"2026-06-10 11:0{minute}")
        raise_alert(session, request, AlertSort.REPLY, occasion=str(minute), now=at)
    second = session.scalars(select(Alert).where(Alert.occasion == "2")).one()

    acknowledge(session, second.id, actor="staff:sato", now=_NOW)

    left = session.scalars(select(Alert.occasion).where(Alert.acknowledged_at.is_(None)).order_by(Alert.occasion))
    assert left.all() == ["3", "arrival"]


@pytest.mark.parametrize("actor", ["member", "system"])
def test_only_staff_take_an_alert_up(session: Session, file_at: FileAt, actor: str) -> None:
    file_at(session, "2026-06-09 11:00")
    (view,) = open_alerts(session, "eparkrelax")
    with pytest.raises(StateForbidsError):
        acknowledge(session, view.id, actor=actor, now=_NOW)


def test_an_unknown_alert_cannot_be_taken_up(session: Session) -> None:
    with pytest.raises(AlertIsUnknownError):
        acknowledge(session, "f" * 32, actor="staff:sato", now=_NOW)


@pytest.mark.companies
def test_each_company_sees_its_own(session: Session, file_at: FileAt) -> None:
    file_at(session, "2026-06-09 11:00", controller="other")
    assert sorts(session) == []


def test_alerts_go_idle_as_their_request_moves_on(session: Session, file_at: FileAt) -> None:
    request = file_at(session, "2026-06-09 11:00")
    for minute, sort in enumerate(AlertSort):
        raise_alert(session, request, sort, occasion="x", now=tokyo(f"2026-06-10 11:{minute:02}"))
    assert sorts(session) == list(AlertSort)

    move(session, request, Move.BEGIN_REVIEW, actor="staff:sato", now=_NOW)
    session.flush()
    assert sorts(session) == [sort for sort in AlertSort if sort is not AlertSort.ARRIVAL]

    move(session, request, Move.WITHDRAW, actor="member", now=_NOW)
    session.flush()
    assert sorts(session) == [AlertSort.REPLY]


@pytest.mark.parametrize(
    ("now", "left"), [("2026-06-22 11:00", 1), ("2026-06-23 23:59", 0), ("2026-06-24 00:00", None)]
)
def test_days_are_left_until_the_last_one_is_over(
    session: Session, file_at: FileAt, hours: DeskHours, now: str, left: int | None
) -> None:
    request = file_at(session, "2026-06-09 11:00")
    assert days_left(request, now=tokyo(now), is_working_day=hours.is_working_day) == left


def test_no_days_are_counted_for_what_was_taken_back(session: Session, file_at: FileAt, hours: DeskHours) -> None:
    request = file_at(session, "2026-06-09 11:00")
    move(session, request, Move.WITHDRAW, actor="member", now=_NOW)
    assert days_left(request, now=_NOW, is_working_day=hours.is_working_day) is None
