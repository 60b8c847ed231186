"""What waits for a second person: proposals, answers laid ready, and times of arrival that staff typed.

Whoever did the first half of one cannot do the second, and only some may be the second person of a decision or a
release; a time of arrival can be compared with its original by any colleague.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    SQLColumnExpression,
    Subquery,
    and_,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from bot.register.agenda import Section, section, seen_by
from bot.register.audit import Action
from bot.register.decisions.models import AnswerRelease, Decision
from bot.register.kinds import Kind
from bot.register.life import TERMINAL
from bot.register.models import AuditEvent, Request, State
from bot.staff.actor import Actor
from bot.staff.roles import Right


class HalfSort(StrEnum):
    """What the second person does."""

    DECISION = "decision"
    RELEASE = "release"
    ARRIVAL = "arrival"


@dataclass(frozen=True)
class Half:
    """A first half that somebody has done: `first_by` at `at`."""

    sort: HalfSort
    request_id: str
    number: str
    kind: Kind
    first_by: str
    at: datetime


@dataclass(frozen=True)
class SecondHalves:
    """What this person could do now, and what has to be done by somebody else."""

    to_take: Section[Half]
    for_others: Section[Half]


def second_halves(session: Session, actor: Actor) -> SecondHalves:
    """What waits for a second person, oldest first."""
    halves = _halves(actor)
    is_mine = or_(halves.c.first_by == actor.id, halves.c.begun_by == actor.id)
    may = halves.c.sort.in_(_may_take(actor))
    return SecondHalves(
        to_take=_listed(session, halves, and_(~is_mine, may)), for_others=_listed(session, halves, or_(is_mine, ~may))
    )


def _may_take(actor: Actor) -> list[HalfSort]:
    if not actor.has(Right.WORK_REQUESTS):
        return []
    return list(HalfSort) if actor.has(Right.APPROVE) else [HalfSort.ARRIVAL]


def _listed(session: Session, halves: Subquery, fitting: ColumnElement[bool]) -> Section[Half]:
    query = select(halves).where(fitting)
    found = section(session, query, (halves.c.at, halves.c.request_id, halves.c.sort))
    return Section([_half(row) for row in found.rows], found.count)


def _halves(actor: Actor) -> Subquery:
    return union_all(_decisions(actor), _releases(actor), _arrivals(actor)).subquery("halves")


def _decisions(actor: Actor) -> Select[*tuple[Any, ...]]:
    query = _columns(HalfSort.DECISION, Decision.decided_by, Decision.decided_by, Decision.decided_at)
    return query.join(Decision, Decision.request_id == Request.id).where(
        *seen_by(actor),
        Decision.controller == actor.controller,
        Decision.effective_at.is_(None),
        Decision.rejected_at.is_(None),
        Request.state == State.IN_REVIEW,
    )


def _releases(actor: Actor) -> Select[*tuple[Any, ...]]:
    query = _columns(HalfSort.RELEASE, AnswerRelease.prepared_by, AnswerRelease.prepared_by, AnswerRelease.prepared_at)
    return query.join(AnswerRelease, AnswerRelease.request_id == Request.id).where(
        *seen_by(actor),
        AnswerRelease.controller == actor.controller,
        AnswerRelease.released_at.is_(None),
        Request.state.in_((State.IN_REVIEW, State.DECIDED, State.NOTIFIED)),
    )


def _arrivals(actor: Actor) -> Select[*tuple[Any, ...]]:
    corrected_by = (
        select(AuditEvent.actor)
        .where(AuditEvent.request_id == Request.id, AuditEvent.action == Action.ARRIVAL_CORRECTED)
        .order_by(AuditEvent.position.desc())
        .limit(1)
        .correlate(Request)
        .scalar_subquery()
    )
    together = aliased(Request)
    # What arrived together has one time of arrival, and one check fixes it for all.
    first = select(func.min(together.id)).where(together.draft_id == Request.draft_id).correlate(Request)
    first_by = func.coalesce(corrected_by, Request.entered_by)
    return _columns(HalfSort.ARRIVAL, first_by, Request.entered_by, Request.entered_at).where(
        *seen_by(actor),
        Request.entered_by.is_not(None),
        Request.arrival_checked_by.is_(None),
        Request.state.not_in(TERMINAL),
        Request.id == first.scalar_subquery(),
    )


def _columns(
    sort: HalfSort,
    first_by: SQLColumnExpression[Any],
    begun_by: SQLColumnExpression[Any],
    at: SQLColumnExpression[Any],
) -> Select[*tuple[Any, ...]]:
    return select(
        literal(str(sort)).label("sort"),
        Request.id.label("request_id"),
        Request.number,
        Request.kind,
        first_by.label("first_by"),
        begun_by.label("begun_by"),
        at.label("at"),
    )


def _half(row: Any) -> Half:  # noqa: ANN401 - a row of the columns above
    return Half(HalfSort(row.sort), row.request_id, row.number, Kind(row.kind), row.first_by, row.at)
