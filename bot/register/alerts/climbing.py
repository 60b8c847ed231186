"""Alerts that nobody takes up climb, once each working morning: to the deputy, then to everybody, day after day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import islice

from sqlalchemy.orm import Session

from bot.clock import TOKYO, in_tokyo
from bot.register.alerts.models import Alert
from bot.register.alerts.raising import send
from bot.register.alerts.standing import AlertView, days_left, open_alerts
from bot.register.deadlines import IsWorkingDay
from bot.register.life import locked_request
from bot.register.notices import STAFF
from bot.register.staff import Staff

# A desk that was closed for a whole year has no last working day.
_HORIZON = 366


@dataclass(frozen=True)
class DeskHours:
    """When the desk is open: on which Japanese days, from when to when on their wall clocks."""

    is_working_day: IsWorkingDay
    opens: time
    closes: time


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
    late = _late(session, controller, now, hours)
    # Always in the same order, so that two who lock several requests wait for each other instead of for ever.
    for view in sorted(late[:most], key=lambda one: one.request_id):
        _climb(session, view, staff=staff, now=now, hours=hours)
    return len(late[:most])


def is_one_late(session: Session, *, controller: str, now: datetime, hours: DeskHours) -> bool:
    """Whether `climb` has something to do; changes nothing."""
    return bool(_late(session, controller, now, hours))


def _late(session: Session, controller: str, now: datetime, hours: DeskHours) -> list[AlertView]:
    limit = _readable_before(now, hours)
    return [view for view in open_alerts(session, controller) if limit is not None and view.told_at < limit]


def _readable_before(now: datetime, hours: DeskHours) -> datetime | None:
    """The closing before the last opening: what was told by then could be read, and a morning has come since.

    What is told in the night is read in the morning; if it climbed at that very minute, everything that the calendar
    brings at midnight would go past whoever looks after the request.
    """
    local = in_tokyo(now)
    days = (local.date() - timedelta(days=back) for back in range(_HORIZON))
    working = (day for day in days if hours.is_working_day(day))
    begun = (day for day in working if datetime.combine(day, hours.opens, TOKYO) <= local)
    # The first is the day of the last opening, the second the working day before it.
    day_before = next(islice(begun, 1, None), None)
    return None if day_before is None else datetime.combine(day_before, hours.closes, TOKYO)


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
