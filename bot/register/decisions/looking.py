"""Decisions as they stand: the one of a request, those that wait for a second person, and their locked rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.register.decisions.grounds import Ground, ground
from bot.register.decisions.models import Decision, Outcome
from bot.register.errors import DecisionIsUnknownError
from bot.register.kinds import Kind
from bot.register.life import locked_request
from bot.register.models import Request, State
from bot.storage.encryption import Vault


@dataclass(frozen=True)
class DecisionView:
    """The decision of a request; the member may see it only when it is in effect.

    Attributes:
        ground: why something is not done as asked, with its source.
        explanation: the same in words for the member.
        detail: what was changed, in words for the member.
        executed_at: when what was granted had been done to the data.
    """

    id: str
    request_id: str
    kind: Kind
    outcome: Outcome
    ground: Ground | None
    explanation: str | None = field(repr=False)
    detail: str | None = field(repr=False)
    decided_by: str
    decided_at: datetime
    approved_by: str | None
    effective_at: datetime | None
    executed_at: datetime | None

    @property
    def is_in_effect(self) -> bool:
        """Whether it counts, and the member may be told."""
        return self.effective_at is not None


@dataclass(frozen=True)
class PendingDecision:
    """A proposal that waits for a second person, without its words."""

    id: str
    request_id: str
    number: str
    kind: Kind
    outcome: Outcome
    ground: str | None
    decided_by: str
    decided_at: datetime


def decision_of(session: Session, request_id: str, *, vault: Vault) -> DecisionView | None:
    """The decision of a request, or the proposal for one (see `is_in_effect`); rejected ones do not count."""
    row = open_decision(session, request_id)
    if row is None:
        return None
    return DecisionView(
        id=row.id,
        request_id=row.request_id,
        kind=Kind(row.kind),
        outcome=Outcome(row.outcome),
        ground=None if row.ground is None else ground(row.ground),
        explanation=_opened(row, "sealed_explanation", vault),
        detail=_opened(row, "sealed_detail", vault),
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        approved_by=row.approved_by,
        effective_at=row.effective_at,
        executed_at=row.executed_at,
    )


def pending_decisions(session: Session, controller: str) -> list[PendingDecision]:
    """What waits for a second person at this company, oldest first.

    A proposal for what the member has taken back, or was asked about, waits for nobody.
    """
    query = (
        select(Decision, Request.number)
        .join(Request, Request.id == Decision.request_id)
        .where(
            Decision.controller == controller,
            Decision.effective_at.is_(None),
            Decision.rejected_at.is_(None),
            Request.state == State.IN_REVIEW,
        )
        .order_by(Decision.decided_at, Decision.id)
    )
    return [_pending(row, number) for row, number in session.execute(query)]


def open_decision(session: Session, request_id: str) -> Decision | None:
    """The row of the one decision or proposal of a request that was not rejected."""
    query = select(Decision).where(Decision.request_id == request_id, Decision.rejected_at.is_(None))
    return session.scalar(query.execution_options(populate_existing=True))


def locked_decision(session: Session, decision_id: str) -> tuple[Request, Decision]:
    """A decision as it is now, and its request, locked until the transaction ends.

    Raises:
        DecisionIsUnknownError: no decision has this id.
    """
    request_id = session.scalar(select(Decision.request_id).where(Decision.id == decision_id))
    if request_id is None:
        raise DecisionIsUnknownError(f"no decision has the id {decision_id}")
    request = locked_request(session, request_id)
    return request, session.get_one(Decision, decision_id, populate_existing=True)


def _opened(row: Decision, column: str, vault: Vault) -> str | None:
    sealed = getattr(row, column)
    # What has been forgotten is empty, since the database wants something to stand there.
    return vault.open(sealed, table="decision", row=row.id, column=column) if sealed else None


def _pending(row: Decision, number: str) -> PendingDecision:
    return PendingDecision(
        id=row.id,
        request_id=row.request_id,
        number=number,
        kind=Kind(row.kind),
        outcome=Outcome(row.outcome),
        ground=row.ground,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
    )
