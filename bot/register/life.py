"""The life of a request: which state follows which, who may bring it there, what the member is told.

This one table is shared: `move` is the only way of the code, the database refuses whatever does not stand here (the
migration's triggers, compared with this table by a test), and `docs/requests.md` draws it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from bot.crash_points import CrashPoint, crash_point
from bot.register import audit, notices
from bot.register.errors import RequestIsUnknownError, StaffOnlyError, StateForbidsError
from bot.register.kinds import Kind
from bot.register.models import RESTING, Request, State
from bot.register.notices import MemberNotice

TO_THE_DESK = frozenset({Kind.COMPLAINT, Kind.INQUIRY})
"""Kinds that nobody has to be identified for."""

_UNDECIDED = (
    State.RECEIVED,
    State.IDENTITY_PENDING,
    State.IDENTITY_EXPIRED,
    State.VERIFIED,
    State.SCOPE_PENDING,
    State.IN_REVIEW,
)
_UNIDENTIFIED = (State.RECEIVED, State.IDENTITY_PENDING, State.IDENTITY_EXPIRED)

TERMINAL = frozenset({State.CLOSED, State.WITHDRAWN})


class Party(StrEnum):
    """Who can move a request."""

    MEMBER = "member"
    STAFF = "staff"
    SYSTEM = "system"

    @classmethod
    def of(cls, actor: str) -> Party:
        """The party of an actor as audit rows name it: `member`, `system`, or `staff:` and who it is."""
        return cls(actor.partition(":")[0])


class Move(StrEnum):
    """What happens to a request that changes where it stands."""

    GIVE_DETAILS = "give_details"
    VERIFY = "verify"
    EXPIRE_IDENTITY = "expire_identity"
    RESUME_IDENTITY = "resume_identity"
    BEGIN_REVIEW = "begin_review"
    ASK = "ask"
    REPLY = "reply"
    DECIDE = "decide"
    NOTIFY = "notify"
    BOUNCE = "bounce"
    CLOSE = "close"
    WITHDRAW = "withdraw"


@dataclass(frozen=True)
class Transition:
    """One row of the table.

    Attributes:
        sources: where it may stand before.
        target: where it stands afterwards.
        parties: who may do it.
        action: what the audit trail calls it.
        notice: what the member is told, in the same transaction.
    """

    sources: tuple[State, ...]
    target: State
    parties: frozenset[Party]
    action: audit.Action
    notice: MemberNotice | None = None


def _by(*parties: Party) -> frozenset[Party]:
    return frozenset(parties)


TRANSITIONS: dict[Move, Transition] = {
    Move.GIVE_DETAILS: Transition(
        (State.RECEIVED,),
        State.IDENTITY_PENDING,
        _by(Party.MEMBER, Party.STAFF),
        audit.Action.DETAILS_SUBMITTED,
        MemberNotice.RECEIPT,
    ),
    Move.VERIFY: Transition(
        (State.IDENTITY_PENDING, State.IDENTITY_EXPIRED),
        State.VERIFIED,
        _by(Party.MEMBER, Party.STAFF),
        audit.Action.IDENTITY_VERIFIED,
    ),
    Move.EXPIRE_IDENTITY: Transition(
        (State.IDENTITY_PENDING,),
        State.IDENTITY_EXPIRED,
        _by(Party.SYSTEM),
        audit.Action.IDENTITY_EXPIRED,
        MemberNotice.IDENTITY_EXPIRED,
    ),
    Move.RESUME_IDENTITY: Transition(
        (State.IDENTITY_EXPIRED,),
        State.IDENTITY_PENDING,
        _by(Party.MEMBER, Party.STAFF),
        audit.Action.IDENTITY_RESUMED,
    ),
    Move.BEGIN_REVIEW: Transition(
        (*_UNIDENTIFIED, State.VERIFIED), State.IN_REVIEW, _by(Party.STAFF), audit.Action.REVIEW_BEGUN
    ),
    Move.ASK: Transition(
        (State.VERIFIED, State.IN_REVIEW),
        State.SCOPE_PENDING,
        _by(Party.STAFF),
        audit.Action.MEMBER_ASKED,
        MemberNotice.QUESTION,
    ),
    Move.REPLY: Transition(
        (State.SCOPE_PENDING,), State.IN_REVIEW, _by(Party.MEMBER, Party.STAFF), audit.Action.MEMBER_REPLIED
    ),
    Move.DECIDE: Transition(
        (State.IN_REVIEW,), State.DECIDED, _by(Party.STAFF), audit.Action.REQUEST_DECIDED, MemberNotice.DECISION
    ),
    Move.NOTIFY: Transition(
        (State.DECIDED,), State.NOTIFIED, _by(Party.SYSTEM, Party.STAFF), audit.Action.MEMBER_NOTIFIED
    ),
    Move.BOUNCE: Transition((State.NOTIFIED,), State.DECIDED, _by(Party.SYSTEM), audit.Action.NOTICE_BOUNCED),
    Move.CLOSE: Transition(
        (State.NOTIFIED,), State.CLOSED, _by(Party.STAFF), audit.Action.REQUEST_CLOSED, MemberNotice.CLOSED
    ),
    Move.WITHDRAW: Transition(
        _UNDECIDED,
        State.WITHDRAWN,
        _by(Party.MEMBER, Party.STAFF),
        audit.Action.REQUEST_WITHDRAWN,
        MemberNotice.WITHDRAWN,
    ),
}

PAIRS = frozenset((source, row.target) for row in TRANSITIONS.values() for source in row.sources)
"""Every step from one state to another that there is."""


def require_staff(actor: str) -> None:
    """Lets nobody pass but a member of staff, named as the audit trail names them.

    Raises:
        StaffOnlyError: it is the member, the system, or staff without a name.
    """
    party, _, person = actor.partition(":")
    if party != Party.STAFF or not person.strip():
        raise StaffOnlyError(f"{actor} cannot do this: only a named member of staff can")


def locked_request(session: Session, request_id: str) -> Request:
    """The row of a request as it is now, locked until the transaction ends.

    Raises:
        RequestIsUnknownError: no request has this id.
    """
    row = session.get(Request, request_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise RequestIsUnknownError(f"no request has the id {request_id}")
    return row


def can_move(request: Request, move: Move) -> bool:
    """Whether the request stands where this is possible; whatever has been forgotten stays where it is."""
    return request.purged_at is None and State(request.state) in TRANSITIONS[move].sources


def move(
    session: Session, request: Request, step: Move, *, actor: str, now: datetime, fields: Sequence[str] = ()
) -> None:
    """Moves a locked request one step: state, one audit event and the member's notice, in the open transaction.

    Args:
        session: the open transaction.
        request: the row, locked by the caller (`locked_request`).
        step: what happens.
        actor: `member`, `system`, or `staff:` and who it is.
        now: the present moment.
        fields: names of further columns that were written, for the trail.

    Raises:
        StateForbidsError: the request does not stand where this is possible, or this party may not do it.
    """
    row = TRANSITIONS[step]
    if not can_move(request, step) or Party.of(actor) not in row.parties:
        raise StateForbidsError(f"request {request.number} is {request.state}: {step} by {actor} is not possible")
    request.state = row.target
    request.rests_since = now if row.target in RESTING else None
    session.flush()
    crash_point(CrashPoint.STEP_WITHOUT_TRAIL)
    audit.record(session, request, action=row.action, actor=actor, now=now, fields=(*fields, "state"))
    if row.notice is not None:
        notices.tell_member(session, request, row.notice, now=now)
