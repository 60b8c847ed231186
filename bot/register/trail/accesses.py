"""Who of the staff looked at personal data in a period, and how often; counted out of both trails."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from bot.register.audit import Action
from bot.register.models import AuditEvent
from bot.register.trail.ledger import Period
from bot.staff.models import StaffEvent
from bot.staff.trail import StaffAction

VIEWS_OF_REQUESTS = (Action.DETAILS_REVEALED, Action.MESSAGES_READ, Action.FILE_READ)
VIEWS_IN_THE_CONSOLE = (
    StaffAction.REQUEST_READ,
    StaffAction.REQUEST_PRINTED,
    StaffAction.TALK_READ,
    StaffAction.TALK_REVEALED,
    StaffAction.LIST_EXPORTED,
)
"""What shows personal data, or may: a list that is taken out can hold some."""

_STAFF = "staff:"


@dataclass(frozen=True)
class Access:
    """How often somebody did one thing; `objects` is to how many different requests or conversations."""

    actor: str
    action: str
    times: int
    objects: int
    first_at: datetime
    last_at: datetime


def accesses(session: Session, controller: str, period: Period) -> list[Access]:
    """Every person and action, by person; members who look at their own are left out."""
    of_requests = _counted(
        AuditEvent.actor, AuditEvent.action, AuditEvent.request_id, AuditEvent.at, VIEWS_OF_REQUESTS
    ).where(AuditEvent.controller == controller, *_within(AuditEvent.at, period))
    in_the_console = _counted(
        StaffEvent.actor, StaffEvent.action, StaffEvent.object_id, StaffEvent.at, VIEWS_IN_THE_CONSOLE
    ).where(StaffEvent.controller == controller, *_within(StaffEvent.at, period))
    found = [*_read(session, of_requests), *_read(session, in_the_console)]
    return sorted(found, key=lambda one: (one.actor, one.action))


def _counted(
    actor: InstrumentedAttribute[str],
    action: InstrumentedAttribute[str],
    about: InstrumentedAttribute[Any],
    at: InstrumentedAttribute[datetime],
    actions: tuple[str, ...],
) -> Select[Any]:
    columns: tuple[Any, ...] = (actor, action, func.count(), func.count(about.distinct()), func.min(at), func.max(at))
    return select(*columns).where(action.in_(actions)).group_by(actor, action)


def _within(at: InstrumentedAttribute[datetime], period: Period) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return at >= period.since, at < period.before


def _read(session: Session, query: Select[Any]) -> Iterator[Access]:
    for row in session.execute(query):
        if row[0].startswith(_STAFF):
            yield Access(*row)
