"""The calendar of last days: how many requests are due on each day by either clock, and which they are on one day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, func, or_, select
from sqlalchemy.orm import Session

from bot.register.agenda import Task, seen_by, task_of
from bot.register.deadlines import TWO_WEEKS, clock_begins
from bot.register.models import Request
from bot.register.queue import Place, beyond
from bot.register.running import is_running
from bot.staff.actor import Actor
from bot.storage.tokyo_day import tokyo_day

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class DueCount:
    """How many requests have their last day on one day, counted from their arrival and from the identity check."""

    from_arrival: int = 0
    from_verification: int = 0


def due_counts(session: Session, actor: Actor, first: date, last: date) -> dict[date, DueCount]:
    """The days of a stretch on which something is due, of what still runs."""
    arrived = _by_day(session, actor, Request.received_at, first, last)
    verified = _by_day(session, actor, Request.verified_at, first, last)
    return {
        day: DueCount(arrived.get(day, 0), verified.get(day, 0)) for day in sorted(arrived.keys() | verified.keys())
    }


def due_on(session: Session, actor: Actor, day: date, *, after: Place | None, most: int) -> list[Task]:
    """At most `most` requests that are due on a day by either clock, in the order of arrival, after a place."""
    is_due = or_(_is_due(Request.received_at, day, day), _is_due(Request.verified_at, day, day))
    query = select(Request).where(*seen_by(actor), is_running(), is_due)
    if after is not None:
        query = query.where(beyond(after))
    rows = session.scalars(query.order_by(Request.received_at, Request.id).limit(most))
    return [task_of(request, request.received_at) for request in rows]


def _by_day(
    session: Session,
    actor: Actor,
    clock: SQLColumnExpression[Any],
    first: date,
    last: date,
) -> dict[date, int]:
    day = tokyo_day(clock)
    query = select(day, func.count()).where(*seen_by(actor), is_running(), _is_due(clock, first, last))
    return {began + TWO_WEEKS: number for began, number in session.execute(query.group_by(day))}


def _is_due(clock: SQLColumnExpression[Any], first: date, last: date) -> ColumnElement[bool]:
    return and_(clock >= clock_begins(first), clock < clock_begins(last + _DAY))
