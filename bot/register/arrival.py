"""The time of arrival of what staff entered: put right by anybody, until a second person has compared it.

The clocks begin with it, and so does 個人情報保護法 39条, which is why it takes two people; the database keeps the
rule, too. What came by a conversation was stamped when it came, and nobody changes that.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.clock import TOKYO
from bot.register import audit
from bot.register.drafts import locked_draft
from bot.register.errors import (
    ArrivalIsFixedError,
    ArrivalIsImpossibleError,
    RequestIsUnknownError,
    SecondPersonIsMissingError,
)
from bot.register.life import require_staff
from bot.register.models import AuditEvent, Request

EARLIEST_ARRIVAL = datetime(2003, 1, 1, tzinfo=TOKYO)
"""The law on which requests are based was promulgated in 2003; an earlier time is a slip."""


def correct_arrival(
    session: Session, request_id: str, received_at: datetime, *, actor: str, now: datetime
) -> list[str]:
    """Puts the time of arrival right, for everything that arrived together, until a second person has checked it.

    Returns:
        The numbers of the requests whose arrival it is.

    Raises:
        StaffOnlyError: the actor is not a member of staff.
        RequestIsUnknownError: no request has this id.
        ArrivalIsFixedError: it came by a conversation, or was checked.
        ArrivalIsImpossibleError: it cannot have arrived then.
    """
    require_staff(actor)
    requests = _arrived_together(session, request_id)
    for request in requests:
        limits = [moment for moment in (request.entered_at, request.verified_at) if moment is not None]
        check_possible(received_at, not_after=min(limits))
        request.received_at = received_at
        session.flush()
        audit.record(
            session, request, action=audit.Action.ARRIVAL_CORRECTED, actor=actor, now=now, fields=("received_at",)
        )
    return [request.number for request in requests]


def check_arrival(session: Session, request_id: str, *, actor: str, now: datetime) -> list[str]:
    """Notes that a second person compared the time of arrival with the original; from now on it stands.

    Returns:
        The numbers of the requests whose arrival it is.

    Raises:
        StaffOnlyError: the actor is not a member of staff.
        RequestIsUnknownError: no request has this id.
        ArrivalIsFixedError: it came by a conversation, or was checked before.
        SecondPersonIsMissingError: the same person entered it, or corrected it last.
    """
    require_staff(actor)
    requests = _arrived_together(session, request_id)
    for request in requests:
        if actor in {request.entered_by, last_corrector(session, request)}:
            raise SecondPersonIsMissingError(
                f"request {request.number}: whoever entered or corrected the arrival cannot check it"
            )
        request.arrival_checked_by, request.arrival_checked_at = actor, now
        session.flush()
        audit.record(
            session, request, action=audit.Action.ARRIVAL_CHECKED, actor=actor, now=now, fields=("arrival_checked_by",)
        )
    return [request.number for request in requests]


def check_possible(received_at: datetime, *, not_after: datetime) -> None:
    """Refuses a time of arrival that cannot be true.

    Raises:
        ArrivalIsImpossibleError: it names no time zone, is later than `not_after`, or lies before the law.
    """
    if received_at.tzinfo is None:
        raise ArrivalIsImpossibleError("the time of arrival names no time zone")
    if received_at > not_after:
        raise ArrivalIsImpossibleError("the time of arrival is later than is possible")
    if received_at < EARLIEST_ARRIVAL:
        raise ArrivalIsImpossibleError(f"the time of arrival lies before {EARLIEST_ARRIVAL.year}")


def _arrived_together(session: Session, request_id: str) -> list[Request]:
    draft_id = session.scalar(select(Request.draft_id).where(Request.id == request_id))
    if draft_id is None:
        raise RequestIsUnknownError(f"no request has the id {request_id}")
    locked_draft(session, draft_id)
    query = select(Request).where(Request.draft_id == draft_id).order_by(Request.number).with_for_update()
    requests = list(session.scalars(query.execution_options(populate_existing=True)))
    for request in requests:
        if request.entered_by is None:
            raise ArrivalIsFixedError(f"request {request.number} came by a conversation; its time of arrival stands")
        if request.arrival_checked_by is not None:
            raise ArrivalIsFixedError(f"the time of arrival of request {request.number} was checked; it stands")
    return requests


def last_corrector(session: Session, request: Request) -> str | None:
    """Who put the time of arrival right last; None when it stands as it was entered."""
    return session.scalar(
        select(AuditEvent.actor)
        .where(AuditEvent.request_id == request.id, AuditEvent.action == audit.Action.ARRIVAL_CORRECTED)
        .order_by(AuditEvent.position.desc())
        .limit(1)
    )
