"""Legal hold: what is needed for a dispute or an inspection is kept whole, however old, until somebody lifts it.

Nothing of a request that is held goes, nor what it shares with others of the same person, nor the conversation that it
came from. Why it is held may name people, and is sealed.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, exists, or_, select, text
from sqlalchemy.orm import Session

from bot.register import audit
from bot.register.errors import HoldReasonIsUnusableError, StateForbidsError
from bot.register.life import locked_request, require_staff
from bot.register.models import HELD, Draft, Request
from bot.storage.encryption import Vault
from bot.storage.models import Conversation
from bot.storage.retiring import retire

LONGEST_REASON = 400

_PLACE = {"table": "request", "column": "sealed_hold_reason"}


def hold(session: Session, request_id: str, reason: str, *, actor: str, now: datetime, vault: Vault) -> None:
    """Keeps a request from being forgotten until the hold is lifted.

    Raises:
        StaffOnlyError: the actor is not a member of staff.
        RequestIsUnknownError: no request has this id.
        HoldReasonIsUnusableError: there is no reason, or it is too long.
        StateForbidsError: it is held already, or its content has gone.
    """
    require_staff(actor)
    why = reason.strip()
    if not why or len(why) > LONGEST_REASON:
        raise HoldReasonIsUnusableError("a hold needs a reason of at most 400 characters")
    request = locked_request(session, request_id)
    if request.held_at is not None or request.purged_at is not None:
        raise StateForbidsError(f"request {request.number} is held already, or nothing of it is left to be held")
    if request.conversation_id is not None:
        # So that it is not deleted in this very moment.
        session.get(Conversation, request.conversation_id, with_for_update=True)
    request.held_at, request.held_by = now, actor
    request.sealed_hold_reason = vault.seal(why, row=request.id, **_PLACE)
    audit.record(session, request, action=audit.Action.REQUEST_HELD, actor=actor, now=now, fields=("held_at",))


def lift(session: Session, request_id: str, *, actor: str, now: datetime) -> None:
    """Ends a hold; what was due meanwhile goes with the next purge.

    Raises:
        StaffOnlyError: the actor is not a member of staff.
        RequestIsUnknownError: no request has this id.
        StateForbidsError: it is not held.
    """
    require_staff(actor)
    request = locked_request(session, request_id)
    if request.held_at is None:
        raise StateForbidsError(f"request {request.number} is not held")
    retire(session, [request.sealed_hold_reason])
    request.held_at = request.held_by = request.sealed_hold_reason = None
    audit.record(session, request, action=audit.Action.HOLD_LIFTED, actor=actor, now=now, fields=("held_at",))


def reason_of(request: Request, *, vault: Vault) -> str:
    """Why a request is held; empty when it is not."""
    if request.sealed_hold_reason is None:
        return ""
    return vault.open(request.sealed_hold_reason, row=request.id, **_PLACE)


def is_held(session: Session, conversation_id: str) -> bool:
    """Whether a request that is held came from this conversation."""
    found = exists().where(Request.conversation_id == conversation_id, text(HELD))
    return bool(session.scalar(select(found)))


def is_held_conversation() -> ColumnElement[bool]:
    """Whether a request that is held came from a `Conversation`, as a condition of a query."""
    return exists().where(Request.conversation_id == Conversation.id, text(HELD))


def is_conversation_in_use() -> ColumnElement[bool]:
    """Whether a draft, or a request whose content is kept, belongs to a `Conversation`, as a condition of a query."""
    return or_(
        exists().where(Request.conversation_id == Conversation.id),
        exists().where(Draft.conversation_id == Conversation.id),
    )
