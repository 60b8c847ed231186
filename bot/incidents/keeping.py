"""Opening an incident, judging it, noting that it was reported: each by a person, each in the console's trail."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from bot.clock import in_tokyo
from bot.errors import BadInputError
from bot.incidents.affected import Affected
from bot.incidents.filters import Filters
from bot.incidents.law import Ground, clocks
from bot.incidents.models import RUNS, Incident
from bot.staff.trail import About, StaffAction, note_of


class IncidentIsUnknownError(BadInputError):
    """No incident of this company has this id."""


class IncidentIsOverError(BadInputError):
    """It is closed; what was decided about it stays."""


def open_incident(
    session: Session, filters: Filters, found: Affected, *, noticed_at: datetime, actor: str, now: datetime
) -> Incident:
    """Starts both clocks.

    Args:
        session: the open transaction.
        filters: what was asked for.
        found: what came of it; its numbers are kept.
        noticed_at: when the company came to know: 事態を知った時点.
        actor: who opens it.
        now: the present moment.

    Raises:
        BadInputError: it is to have been noticed in the future.
    """
    if noticed_at > now:
        raise BadInputError("nobody can have noticed it in the future")
    due = clocks(noticed_at)
    incident = Incident(
        id=secrets.token_hex(16),
        controller=filters.controller,
        since=filters.since,
        before=filters.until,
        filters=filters.told(),
        counts=found.counts(),
        noticed_at=noticed_at,
        opened_at=now,
        opened_by=actor,
        first_by=due.first_by,
        final_by=due.final_by,
    )
    session.add(incident)
    _note(session, incident, StaffAction.INCIDENT_OPENED, actor, now)
    return incident


def judge(session: Session, incident: Incident, grounds: Collection[Ground], *, actor: str, now: datetime) -> None:
    """Notes which grounds a person found to hold; none closes it, 不正の目的 gives it the longer clock.

    It can be judged anew as long as it is open.

    Raises:
        IncidentIsOverError: it is closed.
    """
    _require_open(incident)
    incident.grounds = sorted(grounds)
    incident.judged_by, incident.judged_at = actor, now
    incident.final_by = clocks(incident.noticed_at, grounds).final_by
    if not grounds:
        incident.closed_at = now
    _note(session, incident, StaffAction.INCIDENT_JUDGED, actor, now, incident.grounds)


def note_reported(
    session: Session, incident: Incident, *, final: bool, reported_at: datetime, actor: str, now: datetime
) -> None:
    """Notes that 速報 or 確報 was handed in; the latter closes it.

    Raises:
        IncidentIsOverError: it is closed.
        BadInputError: it cannot have been reported then.
    """
    _require_open(incident)
    if not incident.noticed_at <= reported_at <= now:
        raise BadInputError("it can have been reported only after it was noticed, and not in the future")
    if final:
        incident.final_reported_at, incident.closed_at = reported_at, now
    else:
        incident.first_reported_at = reported_at
    _note(session, incident, StaffAction.INCIDENT_REPORTED, actor, now, ["final" if final else "first"])


def incident_of(session: Session, controller: str, incident_id: str) -> Incident:
    """The incident of an id, or of its first digits where they are enough.

    Raises:
        IncidentIsUnknownError: this company has none, or more than one.
    """
    query = select(Incident).where(
        Incident.controller == controller, Incident.id.startswith(incident_id, autoescape=True)
    )
    found = session.scalars(query.limit(2)).all()
    if len(found) != 1 or not incident_id:
        raise IncidentIsUnknownError(f"no incident, or more than one, has the id {incident_id!r}")
    return found[0]


def incidents_of(session: Session, controller: str) -> list[Incident]:
    """Every incident, the newest first."""
    query = select(Incident).where(Incident.controller == controller)
    return list(session.scalars(query.order_by(Incident.noticed_at.desc(), Incident.id)))


def running(session: Session, controller: str) -> list[Incident]:
    """Those whose clocks count, the next last day first."""
    query = select(Incident).where(Incident.controller == controller, text(RUNS))
    return sorted(session.scalars(query), key=lambda one: (next_due(one), one.id))


def next_due(incident: Incident) -> date:
    """The last day of the report that is owed next."""
    return incident.first_by if incident.first_reported_at is None else incident.final_by


def is_late(incident: Incident, now: datetime) -> bool:
    """Whether that day is over."""
    return incident.closed_at is None and next_due(incident) < in_tokyo(now).date()


def late_reports(session: Session, controller: str, *, now: datetime) -> list[str]:
    """One sentence for each incident whose report is owed since before today."""
    return [
        f"incident {incident.id}: its report was to be handed in by {next_due(incident)}"
        for incident in running(session, controller)
        if is_late(incident, now)
    ]


def _require_open(incident: Incident) -> None:
    if incident.closed_at is not None:
        raise IncidentIsOverError("this incident is closed")


def _note(
    session: Session, incident: Incident, action: StaffAction, actor: str, now: datetime, fields: Collection[str] = ()
) -> None:
    session.flush()
    about = About("incident", incident.id, fields=list(fields))
    note_of(session, incident.controller, actor, action, about, now=now)
