"""Requests whose member does not show who they are: set aside after a time, never closed, resumed at any moment."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from bot.register import audit
from bot.register.drafts import locked_draft
from bot.register.identity.models import Proof, ProofSort
from bot.register.identity.proof_table import ProofTable
from bot.register.identity.proofs import required_proof
from bot.register.life import Move, can_move, locked_request, move
from bot.register.models import AuditEvent, Request, State
from bot.register.thread.models import FilePurpose, StoredFile

_OF_THE_MEMBER = (ProofSort.MAILBOX_CODE, ProofSort.DOCUMENT)
"""Proofs that the member has to bring. A 照合 is work of staff: who waits for it is not told that nothing came."""

_BEGINNINGS = (audit.Action.DETAILS_SUBMITTED, audit.Action.IDENTITY_RESUMED, audit.Action.PROOF_TRIED)


def expire_identities(
    session: Session, *, controller: str, now: datetime, days: int, table: ProofTable, most: int = 100
) -> int:
    """Sets aside what has waited longer than `days` for its member's proof; each is told, and how to go on.

    Left alone is what waits for staff: a 照合, or a document that has been handed in. Arrival and deadlines stay.

    Returns:
        How many were set aside.
    """
    waiting = _waiting(session, controller=controller, now=now, days=days, table=table)
    return sum(_expire(session, request_id, now=now) for request_id in waiting[:most])


def is_one_to_expire(session: Session, *, controller: str, now: datetime, days: int, table: ProofTable) -> bool:
    """Whether `expire_identities` has something to do; changes nothing."""
    return bool(_waiting(session, controller=controller, now=now, days=days, table=table))


def resume_identities(session: Session, draft_id: str, *, actor: str, now: datetime) -> int:
    """Takes up again what was set aside of a draft, as soon as its member comes back.

    Returns:
        How many requests go on.

    Raises:
        DraftIsUnknownError: no draft has this id.
    """
    locked_draft(session, draft_id)
    query = select(Request.id).where(Request.draft_id == draft_id).order_by(Request.number)
    requests = [locked_request(session, request_id) for request_id in session.scalars(query).all()]
    resumed = [request for request in requests if can_move(request, Move.RESUME_IDENTITY)]
    for request in resumed:
        move(session, request, Move.RESUME_IDENTITY, actor=actor, now=now)
    return len(resumed)


def _waiting(session: Session, *, controller: str, now: datetime, days: int, table: ProofTable) -> list[str]:
    begun = select(func.max(AuditEvent.at)).where(
        AuditEvent.request_id == Request.id, AuditEvent.action.in_(_BEGINNINGS)
    )
    handed_in = exists().where(
        StoredFile.draft_id == Request.draft_id,
        StoredFile.purpose == FilePurpose.IDENTITY,
        StoredFile.removed_at.is_(None),
    )
    proven = exists().where(Proof.request_id == Request.id, Proof.suffices)
    query = (
        select(Request.id)
        .where(
            Request.controller == controller,
            Request.state == State.IDENTITY_PENDING,
            begun.scalar_subquery() <= now - timedelta(days=days),
            ~handed_in,
            ~proven,
        )
        .order_by(Request.received_at)
    )
    return [
        request_id
        for request_id in session.scalars(query).all()
        if required_proof(session, request_id, table=table).sort in _OF_THE_MEMBER
    ]


def _expire(session: Session, request_id: str, *, now: datetime) -> bool:
    request = locked_request(session, request_id)
    if not can_move(request, Move.EXPIRE_IDENTITY):
        return False  # somebody verified or withdrew it meanwhile
    move(session, request, Move.EXPIRE_IDENTITY, actor=audit.SYSTEM, now=now)
    return True
