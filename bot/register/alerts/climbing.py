"""Alerts that nobody takes up climb, once each working morning: to the deputy, then to everybody, day after day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot.register.alerts.models import Alert
from bot.register.alerts.raising import send
from bot.register.alerts.standing import AlertView, days_left, open_alerts
from bot.register.deadlines import IsWorkingDay
from bot.register.life import locked_request
from bot.register.notices import STAFF
from bot.register.staff import Staff


@dataclass(frozen=True)
class DeskHours:
    """What climbing asks of the desk.

    Attributes:
        is_working_day: whether it is open on a Japanese day.
        is_open: whether it answers at a moment.
        next_opening: when it next begins to answer, later than a moment; None when it never does.
    """

    is_working_day: IsWorkingDay
    is_open: Callable[[datetime], bool]
    next_opening: Callable[[datetime], datetime | None]


def climb(session: Session, *, controller: str, staff: Staff, now: datetime, hours: DeskHours, most: int = 100) -> int:
    """Tells the next ones of every alert that was not taken up by the next working morning.

    Args:
        session: the open transaction; it locks the requests whose alerts climb.
        controller: whose alerts.
        staff: who stands in for whom.
        now: the present moment.
        hours: when the desk is open.
        most: how many to climb in one transaction, which others have to wait for.

    Returns:
        How many were late; as many as `most` when there may be more.
    """
    late = [view for view in open_alerts(session, controller) if _is_late(view.told_at, now, hours)]
    # Always in the same order, so that two who lock several requests wait for each other instead of for ever.
    for view in sorted(late[:most], key=lambda one: one.request_id):
        _climb(session, view, staff=staff, now=now, hours=hours)
    return len(late[:most])


def _is_late(told_at: datetime, now: datetime, hours: DeskHours) -> bool:
    """Whether a working morning has come since somebody at the desk could first have read it.

    What is told in the night is read in the morning; if it climbed at that very minute, everything that the calendar
    brings at midnight would go past whoever looks after the request.
    """
    readable = told_at if hours.is_open(told_at) else hours.next_opening(told_at)
    morning = hours.next_opening(readable) if readable is not None else None
    return morning is not None and morning <= now


def _climb(session: Session, view: AlertView, *, staff: Staff, now: datetime, hours: DeskHours) -> None:
    request = locked_request(session, view.request_id)
    alert = session.get_one(Alert, view.id, with_for_update=True, populate_existing=True)
    # Somebody may have taken it up between the look and the lock.
    if alert.acknowledged_at is not None:
        return
    deputy = staff.deputy_of(alert.told) if alert.climbs == 0 else None
    told = staff.members if deputy is None else (deputy,)
    alert.told = STAFF if deputy is None else deputy.id
    alert.told_at, alert.climbs = now, alert.climbs + 1
    left = days_left(request, now=now, is_working_day=hours.is_working_day)
    for person in told:
        send(session, alert, request, to=person.id, now=now, days_left=left)
