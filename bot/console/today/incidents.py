"""Incidents whose report is still owed, for those who read the audit: which report, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from bot.incidents.keeping import is_late, next_due, running
from bot.staff.actor import Actor
from bot.staff.roles import Right


@dataclass(frozen=True)
class OwedReport:
    """One incident: its first digits, as commands take them, and the report that is owed next."""

    short_id: str
    noticed_at: datetime
    is_first: bool
    is_judged: bool
    due: date
    is_late: bool


def owed_reports(session: Session, actor: Actor, *, now: datetime) -> tuple[OwedReport, ...]:
    """What is owed, the next last day first; nothing for whoever may not read the audit."""
    if not actor.has(Right.READ_AUDIT):
        return ()
    return tuple(
        OwedReport(
            short_id=incident.id[:8],
            noticed_at=incident.noticed_at,
            is_first=incident.first_reported_at is None,
            is_judged=incident.grounds is not None,
            due=next_due(incident),
            is_late=is_late(incident, now),
        )
        for incident in running(session, actor.controller)
    )
