"""What happened to a request between the moment somebody looked at it and the moment they act on what they saw.

Two people may have one request open. Whoever acts second does so on a page that is no longer true, so that every step
brings along the position of the last event that its page showed. That somebody merely looked stops nobody.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.errors import BadInputError
from bot.register import audit
from bot.register.drafts import locked_draft
from bot.register.life import locked_request
from bot.register.models import AuditEvent, Request

IN_NOBODYS_WAY = frozenset(
    {
        audit.Action.DETAILS_REVEALED,
        audit.Action.MESSAGES_READ,
        audit.Action.FILE_READ,
        audit.Action.PAGE_ISSUED,
        audit.Action.PAGE_VISITED,
        audit.Action.CODE_SENT,
        audit.Action.ANSWER_DOWNLOADED,
        audit.Action.REQUEST_CARRIED,
        audit.Action.ALERT_ACKNOWLEDGED,
    }
)
"""Events that change nothing of what staff decide by: that somebody looked, or was let in."""


@dataclass(frozen=True)
class Happened:
    """An event of the trail, as it can be told after its transaction was rolled back."""

    at: datetime
    actor: str
    action: str
    fields: Sequence[str]


class SomethingHappenedMeanwhileError(BadInputError):
    """Somebody acted on the request after the page was drawn that this step comes from; nothing was changed.

    Attributes:
        events: what happened, oldest first.
    """

    def __init__(self, number: str, events: Sequence[Happened]) -> None:
        super().__init__(f"request {number}: {len(events)} events since the page was opened")
        self.events = tuple(events)


def last_position(session: Session, request_id: str) -> int:
    """The position of the last event of a request: what a page notes of the moment it was drawn."""
    return session.scalar(select(func.max(AuditEvent.position)).where(AuditEvent.request_id == request_id)) or 0


def lock_as_seen(session: Session, request_id: str, seen: int, beside: Sequence[str] = ()) -> Request:
    """Locks a request for a step, if nothing has happened to it since it was seen.

    Args:
        session: the open transaction; the locks last until its end, so that nothing happens in between.
        request_id: which request.
        seen: the position of the last event that whoever acts has seen.
        beside: other requests that the step will lock.

    Raises:
        RequestIsUnknownError: no request has one of the ids.
        SomethingHappenedMeanwhileError: something has happened since.
    """
    request = lock_together(session, [request_id, *beside])[request_id]
    query = select(AuditEvent.at, AuditEvent.actor, AuditEvent.action, AuditEvent.fields).where(
        AuditEvent.request_id == request_id, AuditEvent.position > seen, AuditEvent.action.not_in(IN_NOBODYS_WAY)
    )
    events = [Happened(*row) for row in session.execute(query.order_by(AuditEvent.position))]
    if events:
        raise SomethingHappenedMeanwhileError(request.number, events)
    return request


def lock_together(session: Session, request_ids: Collection[str]) -> dict[str, Request]:
    """Locks several requests: first their drafts, as everywhere where both are locked, each in the order of ids.

    Raises:
        RequestIsUnknownError: no request has one of the ids.
    """
    query = select(Request.draft_id).where(Request.id.in_(request_ids)).distinct().order_by(Request.draft_id)
    for draft_id in session.scalars(query).all():
        locked_draft(session, draft_id)
    return {request_id: locked_request(session, request_id) for request_id in sorted(set(request_ids))}
