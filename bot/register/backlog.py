"""The register's work in numbers, for whoever watches over the installation: nothing of any request but its state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from bot.clock import in_tokyo
from bot.register.alerts.models import Alert, AlertSort
from bot.register.alerts.standing import UNTOLD, stands
from bot.register.deadlines import clock_begins
from bot.register.life import TERMINAL
from bot.register.models import Request, State
from bot.register.trail.models import AuditCheck

CLOCKS = ("arrival", "verification")
"""The two readings of the two weeks (`bot.register.deadlines`)."""


@dataclass(frozen=True)
class Backlog:
    """How the register stands; tests are in none of it.

    Attributes:
        open: how many requests have not come to their end, by state.
        overdue: how many of those whose member has not been told an answer are past their last day, by clock.
        alerts: how many alerts nobody has taken up, by sort.
        broken: how many broken places of the trails the last look at them found; None when nobody has looked.
    """

    open: dict[State, int]
    overdue: dict[str, int]
    alerts: dict[AlertSort, int]
    broken: int | None


def backlog(session: Session, *, now: datetime) -> Backlog:
    """Counts all of it."""
    return Backlog(_open(session), _overdue(session, now), _alerts(session), _broken(session))


def _open(session: Session) -> dict[State, int]:
    states = frozenset(State) - TERMINAL
    query = select(Request.state, func.count()).where(Request.is_test.is_(False), Request.state.in_(states))
    found = dict(session.execute(query.group_by(Request.state)).all())
    return {state: found.get(state, 0) for state in sorted(states)}


def _overdue(session: Session, now: datetime) -> dict[str, int]:
    began: dict[str, InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None]] = {
        "arrival": Request.received_at,
        "verification": Request.verified_at,
    }
    before = clock_begins(in_tokyo(now).date())
    untold = (Request.state.in_(UNTOLD), Request.is_test.is_(False))
    counted = {
        clock: select(func.count()).select_from(Request).where(*untold, column < before)
        for clock, column in began.items()
    }
    return {clock: session.scalar(query) or 0 for clock, query in counted.items()}


def _alerts(session: Session) -> dict[AlertSort, int]:
    query = select(Alert.sort, func.count()).join(Request, Request.id == Alert.request_id)
    found = dict(session.execute(query.where(stands()).group_by(Alert.sort)).all())
    return {sort: found.get(sort, 0) for sort in AlertSort}


def _broken(session: Session) -> int | None:
    return session.scalar(select(AuditCheck.broken).order_by(AuditCheck.begun_at.desc()).limit(1))
