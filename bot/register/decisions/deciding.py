"""What becomes of a request: proposed by one member of staff, in effect once a second one has approved.

Only staff decide. Routing a request to another desk, and answering an inquiry or a complaint, releases, executes and
refuses nothing, so that one person can do it; it stops no clock. Everything else takes two people (the database keeps
that, too), a ground of the law where something is not done as asked, and an explanation that the member reads (36条).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from bot.clock import in_tokyo
from bot.register import audit
from bot.register.alerts.models import AlertSort
from bot.register.alerts.raising import raise_alert
from bot.register.alerts.standing import take_up
from bot.register.decisions.grounds import Regime, require_ground
from bot.register.decisions.looking import locked_decision, open_decision
from bot.register.decisions.models import ALONE, FULFILS, Decision, Outcome
from bot.register.errors import (
    DecisionDoesNotFitError,
    PersonIsUnverifiedError,
    SecondPersonIsMissingError,
    StateForbidsError,
)
from bot.register.kinds import Kind
from bot.register.life import TO_THE_DESK, Move, locked_request, move, require_staff
from bot.register.models import Request, State
from bot.storage.encryption import Vault

LONGEST_TEXT = 4000

CHANGES_DATA = frozenset({Kind.CORRECTION, Kind.ADDITION, Kind.DELETION})
"""Kinds whose outcome has to be told with the content of what was changed (34条3項)."""

_TOLD_TO_ANYBODY = frozenset({*ALONE, Outcome.UNIDENTIFIED, Outcome.ALREADY_PUBLISHED})


@dataclass(frozen=True)
class Proposal:
    """What a member of staff wants to decide.

    Attributes:
        outcome: what shall become of the request.
        ground: the id of a ground (`bot.register.decisions.grounds`), where something is not done as asked.
        explanation: why, for the member to read; routing away names the other desk here.
        detail: what is changed, for the member to read.
    """

    outcome: Outcome
    ground: str | None = None
    explanation: str = field(repr=False, default="")
    detail: str = field(repr=False, default="")


def propose(  # noqa: PLR0913 - what every step of the register takes, and the owner's rules
    session: Session,
    request_id: str,
    proposal: Proposal,
    *,
    actor: str,
    now: datetime,
    vault: Vault,
    regime: Regime,
) -> str:
    """Notes what shall become of a request; what one person may decide takes effect at once.

    Args:
        session: the open transaction.
        request_id: a request that staff look into.
        proposal: the outcome with its ground and its words.
        actor: the member of staff.
        now: the present moment.
        vault: seals the words.
        regime: the rules that the company is bound by; they decide which grounds there are.

    Returns:
        The decision's id.

    Raises:
        StaffOnlyError: the actor is not a member of staff.
        RequestIsUnknownError: no request has this id.
        StateForbidsError: nobody looks into it now, or another proposal waits for the second person.
        DecisionDoesNotFitError: its kind cannot have this outcome, or the words are missing or too long.
        GroundIsNotAllowedError: the ground is missing, or cannot be chosen here and today.
        PersonIsUnverifiedError: it is not known who asks, and the outcome would tell something.
    """
    require_staff(actor)
    request = locked_request(session, request_id)
    _check_place(session, request)
    _check_proposal(request, proposal, now=now, regime=regime)
    row = _sealed(request, proposal, actor=actor, now=now, vault=vault)
    session.add(row)
    session.flush()
    if proposal.outcome in ALONE:
        _take_effect(session, request, row, actor=actor, now=now)
    else:
        audit.record(
            session, request, action=audit.Action.DECISION_PROPOSED, actor=actor, now=now, fields=_written(proposal)
        )
        raise_alert(session, request, AlertSort.SECOND_PERSON, occasion=row.id, now=now)
    return row.id


def approve(session: Session, decision_id: str, *, actor: str, now: datetime) -> None:
    """Puts a proposal into effect: a second person agrees, and the member is told that there is a decision.

    Raises:
        StaffOnlyError: the actor is not a member of staff.
        DecisionIsUnknownError: no decision has this id.
        StateForbidsError: it has been rejected or is in effect, or nobody looks into the request any more.
        SecondPersonIsMissingError: it is the one who proposed it.
    """
    request, row = _pending(session, decision_id, actor=actor)
    if actor == row.decided_by:
        raise SecondPersonIsMissingError(f"decision {row.id} has to be approved by another person")
    row.approved_by = actor
    _take_effect(session, request, row, actor=actor, now=now)
    # An answer laid ready for the same request may still wait for its own second person.
    take_up(session, request.id, (AlertSort.SECOND_PERSON,), actor=actor, now=now, occasion=row.id)


def reject(session: Session, decision_id: str, *, actor: str, now: datetime) -> None:
    """Turns a proposal down, or takes it back when it is one's own; another one can then be made.

    Raises:
        StaffOnlyError: the actor is not a member of staff.
        DecisionIsUnknownError: no decision has this id.
        StateForbidsError: it has been rejected or is in effect.
    """
    request, row = _pending(session, decision_id, actor=actor)
    row.rejected_by, row.rejected_at = actor, now
    audit.record(session, request, action=audit.Action.DECISION_REJECTED, actor=actor, now=now, fields=("rejected_at",))
    take_up(session, request.id, (AlertSort.SECOND_PERSON,), actor=actor, now=now, occasion=row.id)


def note_executed(session: Session, decision_id: str, *, actor: str, now: datetime) -> None:
    """Notes that what two people decided has been done to the data themselves; a second time changes nothing.

    Raises:
        StaffOnlyError: the actor is not a member of staff.
        DecisionIsUnknownError: no decision has this id.
        StateForbidsError: it is not in effect.
        DecisionDoesNotFitError: there is nothing to do after it.
    """
    require_staff(actor)
    request, row = locked_decision(session, decision_id)
    if row.effective_at is None:
        raise StateForbidsError(f"decision {row.id} is not in effect")
    if row.outcome not in FULFILS:
        raise DecisionDoesNotFitError(f"after decision {row.id} ({row.outcome}) there is nothing to do")
    if row.executed_at is not None:
        return
    row.executed_by, row.executed_at = actor, now
    audit.record(session, request, action=audit.Action.DECISION_EXECUTED, actor=actor, now=now, fields=("executed_at",))


def _check_place(session: Session, request: Request) -> None:
    if request.state != State.IN_REVIEW:
        raise StateForbidsError(f"request {request.number} is {request.state}: only what is in review can be decided")
    if open_decision(session, request.id) is not None:
        raise StateForbidsError(f"request {request.number}: a proposal waits for the second person already")


def _check_proposal(request: Request, proposal: Proposal, *, now: datetime, regime: Regime) -> None:
    kind, outcome = Kind(request.kind), proposal.outcome
    require_ground(proposal.ground, kind, outcome, Regime(regime), in_tokyo(now).date())
    if outcome is not Outcome.GRANTED and not proposal.explanation.strip():
        raise DecisionDoesNotFitError(f"{outcome} needs an explanation that the member can read")
    if kind in CHANGES_DATA and outcome in (Outcome.GRANTED, Outcome.PARTIAL) and not proposal.detail.strip():
        raise DecisionDoesNotFitError(f"{kind} as {outcome} needs the content of what is changed as its detail")
    if max(len(proposal.explanation), len(proposal.detail)) > LONGEST_TEXT:
        raise DecisionDoesNotFitError(f"explanation and detail may have {LONGEST_TEXT} characters each")
    if request.verified_at is None and kind not in TO_THE_DESK and outcome not in _TOLD_TO_ANYBODY:
        raise PersonIsUnverifiedError(f"request {request.number}: {outcome} can only be told to a verified person")


def _sealed(request: Request, proposal: Proposal, *, actor: str, now: datetime, vault: Vault) -> Decision:
    row = secrets.token_hex(16)

    def seal(column: str, plain: str) -> bytes | None:
        text = plain.strip()
        return vault.seal(text, table="decision", row=row, column=column) if text else None

    return Decision(
        id=row,
        controller=request.controller,
        request_id=request.id,
        kind=request.kind,
        outcome=proposal.outcome,
        ground=proposal.ground,
        sealed_explanation=seal("sealed_explanation", proposal.explanation),
        sealed_detail=seal("sealed_detail", proposal.detail),
        decided_by=actor,
        decided_at=now,
    )


def _written(proposal: Proposal) -> list[str]:
    return [name for name in ("outcome", "ground", "explanation", "detail") if getattr(proposal, name)]


def _pending(session: Session, decision_id: str, *, actor: str) -> tuple[Request, Decision]:
    require_staff(actor)
    request, row = locked_decision(session, decision_id)
    if row.rejected_at is not None or row.effective_at is not None:
        raise StateForbidsError(f"decision {row.id} does not wait for a second person")
    return request, row


def _take_effect(session: Session, request: Request, row: Decision, *, actor: str, now: datetime) -> None:
    row.effective_at = now
    move(session, request, Move.DECIDE, actor=actor, now=now, fields=("outcome", "effective_at"))
