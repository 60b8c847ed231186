"""Reminds the desk, once on each Japanese day, of the report that an incident owes next."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from bot.clock import in_tokyo
from bot.incidents.keeping import next_due, running
from bot.incidents.models import Incident
from bot.register.notices import MAIL, STAFF
from bot.storage import outbox

REPORT_OWED = "report-owed"
"""The kind of the notice; its body says which incident, which report, and by which day."""

# The whole of the first clock, and the last week of the second, which runs for 30 days or 60.
_DAYS_AHEAD = 7


def remind(session: Session, *, controller: str, now: datetime) -> int:
    """Tells the desk of each report whose day is near or over; the same day again changes nothing.

    Args:
        session: the open transaction.
        controller: whose incidents.
        now: the present moment.

    Returns:
        How many reports are near their day or beyond it.
    """
    today = in_tokyo(now).date()
    near = [one for one in running(session, controller) if (next_due(one) - today).days <= _DAYS_AHEAD]
    for incident in near:
        _tell(session, incident, today, now)
    return len(near)


def _tell(session: Session, incident: Incident, today: date, now: datetime) -> None:
    report = "first" if incident.first_reported_at is None else "final"
    outbox.enqueue(
        session,
        controller=incident.controller,
        channel=MAIL,
        recipient=STAFF,
        kind=REPORT_OWED,
        body={"incident": incident.id, "report": report, "by": next_due(incident).isoformat()},
        dedupe_key=f"{REPORT_OWED}:{incident.id}:{report}:{today}",
        now=now,
    )
