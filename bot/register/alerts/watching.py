"""The sweep over requests that nobody has answered yet: what the calendar alone makes worth an alert.

It can run as often as one likes: an alert belongs to an occasion, and an occasion is told once. After a pause it
tells what is true now, not everything that was true meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, exists, select
from sqlalchemy.orm import Session

from bot.clock import in_tokyo
from bot.register.alerts.closures import coming_closure
from bot.register.alerts.models import Alert, AlertSort
from bot.register.alerts.raising import raise_alert
from bot.register.alerts.standing import UNTOLD
from bot.register.deadlines import IsWorkingDay, deadlines, working_days_left
from bot.register.life import locked_request
from bot.register.models import Contact, Request

_SOON = 3
_REMINDERS = (14, 7, 3, 1)


@dataclass(frozen=True)
class _Found:
    request_id: str
    sort: AlertSort
    occasion: str
    days_left: int | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        return self.request_id, self.sort, self.occasion


def watch(session: Session, *, controller: str, now: datetime, is_working_day: IsWorkingDay, most: int = 100) -> int:
    """Raises what is worth an alert now and was not told before; tests are left alone.

    Args:
        session: the open transaction; it locks the requests that something is told of.
        controller: whose requests.
        now: the present moment.
        is_working_day: the desk's calendar.
        most: how many to tell of in one transaction, which others have to wait for.

    Returns:
        How many were told of; as many as `most` when there may be more.
    """
    new = _untold(session, controller, now, is_working_day)[:most]
    for one in new:
        _tell(session, one, now)
    return len(new)


def is_one_to_tell(session: Session, *, controller: str, now: datetime, is_working_day: IsWorkingDay) -> bool:
    """Whether `watch` has something to do; changes nothing."""
    return bool(_untold(session, controller, now, is_working_day))


def _untold(session: Session, controller: str, now: datetime, is_working_day: IsWorkingDay) -> list[_Found]:
    open_requests = (
        Request.controller == controller,
        Request.state.in_(UNTOLD),
        Request.is_test.is_(False),
        Request.purged_at.is_(None),
    )
    has_contact = exists().where(Contact.draft_id == Request.draft_id)
    facts = select(Request.id, Request.received_at, Request.verified_at, has_contact.label("is_reachable"))
    rows = session.execute(facts.where(*open_requests).order_by(Request.id)).all()
    query = select(Alert.request_id, Alert.sort, Alert.occasion).join(Request, Request.id == Alert.request_id)
    known = {tuple(row) for row in session.execute(query.where(*open_requests))}
    calendar = _Calendar(now, is_working_day)
    found = (one for row in rows for one in _findings(row, calendar))
    return [one for one in found if one.key not in known]


class _Calendar:
    """What the sweep asks of the desk's calendar, worked out once."""

    def __init__(self, now: datetime, is_working_day: IsWorkingDay) -> None:
        self.now = now
        self.today = in_tokyo(now).date()
        self.closure = coming_closure(self.today, is_working_day)
        self._is_working_day = is_working_day

    def days_left(self, due: date) -> int:
        return working_days_left(self.now, due, self._is_working_day)

    def days_since(self, moment: datetime) -> int:
        return (self.today - in_tokyo(moment).date()).days


def _findings(request: Row[*tuple[Any, ...]], calendar: _Calendar) -> Iterator[_Found]:
    due = deadlines(request.received_at, request.verified_at).working
    if due < calendar.today:
        yield _Found(request.id, AlertSort.OVERDUE, due.isoformat())
    else:
        yield from _ahead(request.id, due, calendar)
    waited = next((days for days in _REMINDERS if calendar.days_since(request.received_at) >= days), None)
    if waited is not None and not request.is_reachable:
        yield _Found(request.id, AlertSort.NO_CONTACT, str(waited))


def _ahead(request_id: str, due: date, calendar: _Calendar) -> Iterator[_Found]:
    left = calendar.days_left(due)
    if left <= _SOON:
        yield _Found(request_id, AlertSort.DUE_SOON, due.isoformat(), left)
    if calendar.closure is not None and calendar.closure.holds(due):
        yield _Found(request_id, AlertSort.CLOSURE, calendar.closure.last.isoformat(), left)


def _tell(session: Session, found: _Found, now: datetime) -> None:
    request = locked_request(session, found.request_id)
    # It may have been answered between the look and the lock.
    if request.state in UNTOLD:
        raise_alert(session, request, found.sort, occasion=found.occasion, now=now, days_left=found.days_left)
