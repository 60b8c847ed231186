"""Showing who asks: which proof a request needs, and what is recorded when one is tried."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.register import audit
from bot.register.drafts import locked_draft
from bot.register.errors import ProofIsContradictoryError, RequestIsUnknownError, StateForbidsError
from bot.register.identity.models import Proof, ProofSort
from bot.register.identity.proof_table import ProofTable
from bot.register.kinds import Kind
from bot.register.life import TERMINAL, Move, can_move, locked_request, move
from bot.register.models import Contact, ReplyBy, Request, Role, State
from bot.register.thread.files import remove_identity_files
from bot.storage.encryption import Vault

_STRENGTH = (None, ProofSort.MAILBOX_CODE, ProofSort.COLLATION, ProofSort.DOCUMENT)
_LOOKED_INTO = (State.IN_REVIEW, State.SCOPE_PENDING)
_UNVERIFIED = (State.RECEIVED, State.IDENTITY_PENDING, State.IDENTITY_EXPIRED)


@dataclass(frozen=True)
class Requirement:
    """The least proof that a request needs, None for none, and the reason that staff and the member read."""

    sort: ProofSort | None
    reason: str


@dataclass(frozen=True)
class ProofResult:
    """What came of one attempt.

    Attributes:
        sort: what was looked at.
        agrees: 一致 or 不一致.
        facts: names of what was compared, never a value.
        binds_address: whether the address that answers go to is known to be the person's.
    """

    sort: ProofSort
    agrees: bool
    facts: tuple[str, ...] = ()
    binds_address: bool = False


def requirement(
    request: Request, contact: Contact | None, proofs_so_far: Sequence[Proof], table: ProofTable
) -> Requirement:
    """The least proof of who asks that suffices for this request now.

    A 照合 that did not agree asks for more afterwards. Until contact details are there, whoever asks is taken for the
    person whose data are meant.
    """
    failed = any(proof.sort == ProofSort.COLLATION and not proof.agrees for proof in proofs_so_far)
    row = table.row(Kind(request.kind), request.scope, _role(contact), collation_failed=failed)
    return Requirement(row.sort, row.reason)


def required_proof(session: Session, request_id: str, *, table: ProofTable) -> Requirement:
    """The requirement of a filed request as its rows are now; for pages, which hold no rows.

    Raises:
        RequestIsUnknownError: no request has this id.
    """
    request = session.get(Request, request_id)
    if request is None:
        raise RequestIsUnknownError(f"no request has the id {request_id}")
    return requirement(request, _contact(session, request.draft_id), proofs_of(session, request_id), table)


def proofs_of(session: Session, request_id: str) -> list[Proof]:
    """Every attempt to show who asks, oldest first."""
    return list(session.scalars(select(Proof).where(Proof.request_id == request_id).order_by(Proof.at, Proof.id)))


def record_proof(  # noqa: PLR0913 - an attempt has this many facts, and every caller names them
    session: Session,
    request_id: str,
    result: ProofResult,
    *,
    actor: str,
    now: datetime,
    table: ProofTable,
    vault: Vault | None = None,  # noqa: ARG001 - called like every step of the register; nothing sealed is read
) -> bool:
    """Records one attempt to show who asks; the first that suffices verifies the request.

    Identity documents go for good once no request of the draft waits for them any more.

    Args:
        session: the open transaction.
        request_id: which request.
        result: what came of it.
        actor: `member`, or `staff:` and who it is.
        now: the present moment.
        table: says which proof suffices.
        vault: not needed.

    Returns:
        Whether this attempt suffices.

    Raises:
        RequestIsUnknownError: no request has this id.
        ProofIsContradictoryError: the result says something that such a proof cannot show.
        StateForbidsError: the request is over.
    """
    request = _locked(session, request_id)
    if request.state in TERMINAL:
        raise StateForbidsError(f"request {request.number} is {request.state}: nobody is verified any more")
    contact = _contact(session, request.draft_id)
    _check(result, contact, table)
    least = requirement(request, contact, proofs_of(session, request_id), table)
    suffices = contact is not None and _suffices(result, least.sort, Role(contact.role))
    session.add(_row(request, result, suffices=suffices, actor=actor, now=now))
    audit.record(
        session,
        request,
        action=audit.Action.PROOF_TRIED,
        actor=actor,
        now=now,
        fields=(result.sort, *result.facts),
    )
    if suffices:
        _verify(session, request, actor=actor, now=now)
    return suffices


def record_mailbox_proof(session: Session, draft_id: str, *, now: datetime, table: ProofTable) -> int:
    """Records for every request of a draft that a code came back from its mailbox: of the mailbox, not of a person.

    Returns:
        For how many of them that suffices.

    Raises:
        DraftIsUnknownError: no draft has this id.
    """
    return _record_for_all(session, draft_id, ProofSort.MAILBOX_CODE, now=now, table=table)


def record_member_token(session: Session, draft_id: str, *, now: datetime, table: ProofTable) -> int:
    """Records for every request of a draft that the host site vouches for whoever asks.

    Returns:
        For how many of them that suffices.

    Raises:
        DraftIsUnknownError: no draft has this id.
    """
    return _record_for_all(session, draft_id, ProofSort.MEMBER_TOKEN, now=now, table=table)


def mailbox_is_proved(session: Session, draft_id: str) -> bool:
    """Whether a code has come back from the mailbox of this draft's contact."""
    query = select(Proof.id).join(Request, Request.id == Proof.request_id)
    query = query.where(Request.draft_id == draft_id, Proof.sort == ProofSort.MAILBOX_CODE, Proof.agrees)
    return session.scalars(query.limit(1)).first() is not None


def _record_for_all(session: Session, draft_id: str, sort: ProofSort, *, now: datetime, table: ProofTable) -> int:
    # What was taken back or is over meanwhile is left as it is: there is nothing to verify any more.
    locked_draft(session, draft_id)
    query = select(Request.id).where(Request.draft_id == draft_id, Request.state.not_in(TERMINAL))
    result = ProofResult(sort, agrees=True)
    return sum(
        record_proof(session, request_id, result, actor=audit.MEMBER, now=now, table=table)
        for request_id in session.scalars(query.order_by(Request.number)).all()
    )


def _suffices(result: ProofResult, least: ProofSort | None, role: Role) -> bool:
    if not result.agrees:
        return False
    if result.sort == ProofSort.MEMBER_TOKEN:
        # Who is logged in at the host site is known for certain, whom they may speak for is not.
        return role == Role.SELF
    return _STRENGTH.index(result.sort) >= _STRENGTH.index(least)


def _check(result: ProofResult, contact: Contact | None, table: ProofTable) -> None:
    if not {*result.facts} <= {*table.facts}:
        raise ProofIsContradictoryError("only facts that the table of proofs names can be compared, and no values")
    if result.sort == ProofSort.COLLATION and len({*result.facts}) < (table.least_facts if result.agrees else 1):
        raise ProofIsContradictoryError(f"a 照合 that agrees compares at least {table.least_facts} facts")
    if result.binds_address and not _can_bind(result, contact, table):
        raise ProofIsContradictoryError("an address is bound only by a document, or when it was itself compared")


def _can_bind(result: ProofResult, contact: Contact | None, table: ProofTable) -> bool:
    if not result.agrees or contact is None:
        return False
    if result.sort == ProofSort.DOCUMENT:
        return True
    compared = table.address_facts.get(ReplyBy(contact.reply_by))
    return result.sort == ProofSort.COLLATION and compared in result.facts


def _row(request: Request, result: ProofResult, *, suffices: bool, actor: str, now: datetime) -> Proof:
    return Proof(
        id=secrets.token_hex(16),
        controller=request.controller,
        request_id=request.id,
        sort=result.sort,
        agrees=result.agrees,
        suffices=suffices,
        binds_address=result.binds_address,
        facts=list(result.facts),
        by=actor,
        at=now,
    )


def _verify(session: Session, request: Request, *, actor: str, now: datetime) -> None:
    # What staff look into already goes on there; only that it is known who asks is new.
    moves, is_news = can_move(request, Move.VERIFY), request.verified_at is None
    if not moves and not (is_news and request.state in _LOOKED_INTO):
        return
    session.flush()
    request.verified_at = request.verified_at or now
    if moves:
        move(session, request, Move.VERIFY, actor=actor, now=now, fields=("verified_at",))
    else:
        audit.record(
            session, request, action=audit.Action.IDENTITY_VERIFIED, actor=actor, now=now, fields=("verified_at",)
        )
    if not _others_wait(session, request.draft_id):
        remove_identity_files(session, request.draft_id, now=now)


def _others_wait(session: Session, draft_id: str) -> bool:
    still = select(Request.id).where(
        Request.draft_id == draft_id,
        Request.verified_at.is_(None),
        Request.state.in_((*_UNVERIFIED, *_LOOKED_INTO)),
    )
    return session.scalar(still.limit(1)) is not None


def _locked(session: Session, request_id: str) -> Request:
    # Draft before request, as everywhere: verifying may remove files, which belong to the draft.
    draft_id = session.scalar(select(Request.draft_id).where(Request.id == request_id))
    if draft_id is None:
        raise RequestIsUnknownError(f"no request has the id {request_id}")
    locked_draft(session, draft_id)
    return locked_request(session, request_id)


def _contact(session: Session, draft_id: str) -> Contact | None:
    return session.scalar(select(Contact).where(Contact.draft_id == draft_id))


def _role(contact: Contact | None) -> Role:
    return Role.SELF if contact is None else Role(contact.role)
