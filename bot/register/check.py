"""Does the register agree with itself? What the database's own constraints cannot say is checked here."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.register.audit import Action
from bot.register.models import AuditEvent, Contact, Draft, Request, State
from bot.register.numbers import is_number
from bot.storage.models import Outbound

# Sending is tried again for a while; what is later than this needs a person.
_LATE = timedelta(minutes=10)


def contradictions(session: Session, *, now: datetime) -> list[str]:
    """One sentence for each contradiction or overdue notice; ids and numbers only, no personal data."""
    return [
        *_drafts_against_requests(session),
        *_requests_against_contacts(session),
        *_trails(session),
        *_unsent(session, now=now),
    ]


def _drafts_against_requests(session: Session) -> Iterator[str]:
    requests: dict[str, list[Request]] = {}
    for request in session.scalars(select(Request).order_by(Request.received_at, Request.id)):
        requests.setdefault(request.draft_id, []).append(request)
        if not is_number(request.number):
            yield f"request {request.id}: {request.number} is not a receipt number"
    for draft in session.scalars(select(Draft).order_by(Draft.created_at, Draft.id)):
        filed = sorted(request.kind for request in requests.get(draft.id, []))
        asked = sorted(draft.kinds) if draft.filed_at is not None else []
        if filed != asked:
            yield f"draft {draft.id}: asks for {asked}, the register holds {filed}"


def _requests_against_contacts(session: Session) -> Iterator[str]:
    query = select(Request.number).join(Contact, Contact.draft_id == Request.draft_id)
    for number in session.scalars(query.where(Request.state == State.RECEIVED)):
        yield f"request {number}: has contact details but still waits for them"


def _trails(session: Session) -> Iterator[str]:
    events: dict[str, list[AuditEvent]] = {}
    for event in session.scalars(select(AuditEvent).order_by(AuditEvent.request_id, AuditEvent.position)):
        events.setdefault(event.request_id, []).append(event)
    for request in session.scalars(select(Request).order_by(Request.received_at, Request.id)):
        trail = events.get(request.id, [])
        if not trail or trail[0].action != Action.REQUEST_FILED or trail[0].at != request.received_at:
            yield f"request {request.number}: its trail does not begin with its filing"
        if [event.position for event in trail] != list(range(1, len(trail) + 1)):
            yield f"request {request.number}: its trail has gaps"


def _unsent(session: Session, *, now: datetime) -> Iterator[str]:
    query = select(Outbound).where(Outbound.state != "sent", Outbound.created_at < now - _LATE)
    for row in session.scalars(query.order_by(Outbound.created_at, Outbound.id)):
        yield f"outbox {row.id}: {row.kind} to {row.channel} was not sent ({row.state}, {row.attempts} attempts)"
