"""What a member hands in on the request's page: a proof of who asks, or what supports the request."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.register import audit
from bot.register.alerts.models import AlertSort
from bot.register.alerts.raising import raise_alert
from bot.register.errors import RequestIsUnknownError, StateForbidsError
from bot.register.kinds import Kind
from bot.register.life import TO_THE_DESK, Move, can_move, locked_request, move
from bot.register.models import Request, State
from bot.register.thread.files import store_file
from bot.register.thread.models import FilePurpose
from bot.storage.encryption import Vault

_IDENTITY_OPEN = frozenset({State.IDENTITY_PENDING, State.IDENTITY_EXPIRED})
_EVIDENCE_OPEN = _IDENTITY_OPEN | {State.VERIFIED, State.SCOPE_PENDING, State.IN_REVIEW}


@dataclass(frozen=True)
class HandedIn:
    """A file as it came from a browser."""

    purpose: FilePurpose
    name: str = field(repr=False)
    media_type: str
    content: bytes = field(repr=False)


def purposes_open(request: Request) -> tuple[FilePurpose, ...]:
    """What a member may hand in for a request where it stands."""
    state, is_identified = State(request.state), Kind(request.kind) not in TO_THE_DESK
    identity = (FilePurpose.IDENTITY,) if state in _IDENTITY_OPEN and is_identified else ()
    evidence = (FilePurpose.EVIDENCE,) if state in _EVIDENCE_OPEN else ()
    return (*identity, *evidence)


def hand_in(session: Session, request_id: str, file: HandedIn, *, now: datetime, vault: Vault) -> str:
    """Takes a member's file and alerts staff; a request that was set aside without proof goes on by it.

    Returns:
        The file's id.

    Raises:
        RequestIsUnknownError: no request has this id.
        StateForbidsError: nothing can be handed in where the request stands.
        FileIsUnusableError: it is empty, too large, of a type that is not taken, or one too many.
    """
    # The draft is locked before the request, as everywhere where both are: `store_file` does it in this order.
    draft_id = session.scalar(select(Request.draft_id).where(Request.id == request_id))
    if draft_id is None:
        raise RequestIsUnknownError(f"no request has the id {request_id}")
    file_id = store_file(
        session,
        draft_id=draft_id,
        request_id=request_id,
        purpose=file.purpose,
        name=file.name,
        media_type=file.media_type,
        content=file.content,
        by=audit.MEMBER,
        now=now,
        vault=vault,
    )
    request = locked_request(session, request_id)
    if file.purpose not in purposes_open(request):
        raise StateForbidsError(f"request {request.number} is {request.state}: no file can be handed in")
    if file.purpose is FilePurpose.IDENTITY and can_move(request, Move.RESUME_IDENTITY):
        move(session, request, Move.RESUME_IDENTITY, actor=audit.MEMBER, now=now)
    raise_alert(session, request, AlertSort.REPLY, occasion=file_id, now=now)
    return file_id
