"""What staff do with a request between its arrival and its end, beside deciding it."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.register import audit, notices
from bot.register.alerts.models import AlertSort
from bot.register.alerts.standing import take_up
from bot.register.decisions.looking import open_decision
from bot.register.decisions.models import FULFILS, AnswerRelease, Delivery
from bot.register.errors import SomethingIsLeftToDoError, StateForbidsError
from bot.register.kinds import Kind
from bot.register.life import TERMINAL, Move, locked_request, move, require_staff
from bot.register.models import ReplyBy, Request
from bot.register.notices import MemberNotice
from bot.register.thread.messages import clean_text
from bot.register.thread.models import Direction, ThreadMessage
from bot.storage.encryption import Vault

_HANDED_OVER = frozenset({Kind.DISCLOSURE, Kind.THIRD_PARTY_RECORD})
_TOLD = frozenset({Kind.PURPOSE_NOTICE})


def assign(session: Session, request_id: str, assignee: str, *, actor: str, now: datetime) -> None:
    """Gives a request to a member of staff (`staff:` and who it is); the same one again changes nothing.

    Raises:
        StaffOnlyError: the actor, or the one it is given to, is not a member of staff.
        RequestIsUnknownError: no request has this id.
        StateForbidsError: it is over.
    """
    require_staff(actor)
    require_staff(assignee)
    request = _open(session, request_id)
    if request.assignee == assignee:
        return
    request.assignee = assignee
    audit.record(session, request, action=audit.Action.REQUEST_ASSIGNED, actor=actor, now=now, fields=("assignee",))
    take_up(session, request_id, (AlertSort.ARRIVAL,), actor=actor, now=now)


def set_urgent(session: Session, request_id: str, *, urgent: bool, actor: str, now: datetime) -> None:
    """Marks a request as one to be worked on first, or takes the mark off; its dates stay as they are.

    Raises:
        StaffOnlyError: the actor is not a member of staff.
        RequestIsUnknownError: no request has this id.
        StateForbidsError: it is over.
    """
    require_staff(actor)
    request = _open(session, request_id)
    if request.is_urgent == urgent:
        return
    request.is_urgent = urgent
    audit.record(session, request, action=audit.Action.REQUEST_PRIORITISED, actor=actor, now=now, fields=("is_urgent",))


def begin_review(session: Session, request_id: str, *, actor: str, now: datetime) -> None:
    """Staff begin to look into a request, also one of which nobody knows who made it: it may have to be routed.

    Who asks can still be shown while they do.

    Raises:
        RequestIsUnknownError: no request has this id.
        StateForbidsError: it does not stand where this is possible, or the actor is not a member of staff.
    """
    move(session, locked_request(session, request_id), Move.BEGIN_REVIEW, actor=actor, now=now)
    take_up(session, request_id, (AlertSort.ARRIVAL,), actor=actor, now=now)


def send_interim(session: Session, request_id: str, reason: str, *, actor: str, now: datetime, vault: Vault) -> str:
    """Tells the member why it takes longer; the policy has no extension, so that no date moves.

    Returns:
        The id of the message with the reason.

    Raises:
        StaffOnlyError: the actor is not a member of staff.
        RequestIsUnknownError: no request has this id.
        MessageIsUnusableError: there is no reason, or too much.
        StateForbidsError: it is over.
    """
    require_staff(actor)
    request = _open(session, request_id)
    message_id = secrets.token_hex(16)
    message = ThreadMessage(
        id=message_id,
        controller=request.controller,
        request_id=request.id,
        direction=Direction.TO_MEMBER,
        asks=False,
        sealed_text=vault.seal(clean_text(reason), table="thread_message", row=message_id, column="sealed_text"),
        by=actor,
        at=now,
    )
    session.add(message)
    notices.tell_member(session, request, MemberNotice.INTERIM, now=now, occasion=message_id)
    audit.record(session, request, action=audit.Action.INTERIM_SENT, actor=actor, now=now, fields=("text",))
    return message_id


def note_told(session: Session, request_id: str, by: ReplyBy, *, actor: str, now: datetime) -> None:
    """Notes that staff themselves have told the member what was decided, by telephone or by post.

    Raises:
        StaffOnlyError: the actor is not a member of staff.
        RequestIsUnknownError: no request has this id.
        StateForbidsError: nothing is decided, or the member has been told.
    """
    require_staff(actor)
    move(session, locked_request(session, request_id), Move.NOTIFY, actor=actor, now=now, fields=(ReplyBy(by),))


def close(session: Session, request_id: str, *, actor: str, now: datetime) -> None:
    """Ends a request of which the member knows what was decided, once all of that is done and handed over.

    Raises:
        RequestIsUnknownError: no request has this id.
        StateForbidsError: the member has not been told, or the actor is not a member of staff.
        SomethingIsLeftToDoError: what was granted has not been done, or the answer has not left.
    """
    request = locked_request(session, request_id)
    left = _left_to_do(session, request)
    if left:
        raise SomethingIsLeftToDoError(f"request {request.number}: {left}")
    move(session, request, Move.CLOSE, actor=actor, now=now)


def _open(session: Session, request_id: str) -> Request:
    request = locked_request(session, request_id)
    if request.state in TERMINAL:
        raise StateForbidsError(f"request {request.number} is {request.state}")
    return request


def _left_to_do(session: Session, request: Request) -> str:
    """What is still missing, in words; nothing when all is done, or nothing was to be done."""
    decision = open_decision(session, request.id)
    if decision is None or decision.outcome not in FULFILS:
        return ""
    kind = Kind(request.kind)
    if kind in _TOLD and (decision.sealed_explanation is not None or decision.sealed_detail is not None):
        return ""
    if kind in _HANDED_OVER | _TOLD:
        return "" if _has_left(session, request.id) else "the answer has not been handed over"
    return "" if decision.executed_at is not None else "what was granted has not been done to the data"


def _has_left(session: Session, request_id: str) -> bool:
    rows = session.scalars(
        select(AnswerRelease).where(AnswerRelease.request_id == request_id, AnswerRelease.released_at.is_not(None))
    )
    return any(row.delivery == Delivery.PAGE or row.posted_at is not None for row in rows)
