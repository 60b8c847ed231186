"""The ledger of a period: every request that arrived in it with its dates and its outcome, and nothing of a person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import literal, select, tuple_
from sqlalchemy.orm import Session

from bot.clock import in_tokyo
from bot.register.audit import Action
from bot.register.deadlines import Deadlines, deadlines
from bot.register.decisions.models import Decision
from bot.register.kinds import Kind
from bot.register.models import AuditEvent, Request, State
from bot.storage.types import UtcDateTime

_ENDS = (Action.MEMBER_NOTIFIED, Action.REQUEST_WITHDRAWN, Action.REQUEST_CLOSED)


class Timeliness(StrEnum):
    """Whether the member was told within the earlier of the two last days.

    Attributes:
        IN_TIME: told by the last day.
        LATE: told after it.
        RUNNING: not told yet, and the last day is not over.
        OVERDUE: not told though the last day is over.
        WITHDRAWN: taken back before anybody had to be told.
    """

    IN_TIME = "in_time"
    LATE = "late"
    RUNNING = "running"
    OVERDUE = "overdue"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Period:
    """From a moment to the first one after; made of whole Japanese days by whoever asks."""

    since: datetime
    before: datetime


@dataclass(frozen=True)
class LedgerRow:
    """One request.

    Attributes:
        due: both last days.
        notified_at: when the member was first told the outcome.
        outcomes: of the decisions in effect, the earliest first.
        grounds: of those decisions that have one.
    """

    number: str
    kind: Kind
    channel: str
    state: State
    received_at: datetime
    verified_at: datetime | None
    due: Deadlines
    notified_at: datetime | None
    closed_at: datetime | None
    withdrawn_at: datetime | None
    outcomes: tuple[str, ...]
    grounds: tuple[str, ...]

    def timeliness(self, today: date) -> Timeliness:
        """Whether the two weeks were kept, as it stands on a Japanese day."""
        if self.notified_at is not None:
            in_time = in_tokyo(self.notified_at).date() <= self.due.working
            return Timeliness.IN_TIME if in_time else Timeliness.LATE
        if self.state is State.WITHDRAWN:
            return Timeliness.WITHDRAWN
        return Timeliness.RUNNING if today <= self.due.working else Timeliness.OVERDUE


@dataclass(frozen=True)
class LedgerPlace:
    """The last request that is known already."""

    received_at: datetime
    id: str


def ledger_page(
    session: Session,
    controller: str,
    period: Period,
    kinds: Sequence[Kind],
    *,
    after: LedgerPlace | None = None,
    most: int,
) -> tuple[list[LedgerRow], LedgerPlace | None]:
    """The next `most` requests of these kinds by their arrival, and the place to go on; None at the end.

    Tests are left out.
    """
    query = select(Request).where(
        Request.controller == controller,
        Request.received_at >= period.since,
        Request.received_at < period.before,
        Request.kind.in_(kinds),
        Request.is_test.is_(False),
    )
    if after is not None:
        here = tuple_(literal(after.received_at, UtcDateTime), literal(after.id))
        query = query.where(tuple_(Request.received_at, Request.id) > here)
    rows = session.scalars(query.order_by(Request.received_at, Request.id).limit(most)).all()
    place = LedgerPlace(rows[-1].received_at, rows[-1].id) if len(rows) == most else None
    return list(_with_ends(session, rows)), place


def _with_ends(session: Session, rows: Sequence[Request]) -> Iterator[LedgerRow]:
    ids = [row.id for row in rows]
    decisions, ends = _decisions(session, ids), _ends(session, ids)
    for row in rows:
        decided = decisions.get(row.id, [])
        yield LedgerRow(
            number=row.number,
            kind=Kind(row.kind),
            channel=row.channel,
            state=State(row.state),
            received_at=row.received_at,
            verified_at=row.verified_at,
            due=deadlines(row.received_at, row.verified_at),
            notified_at=ends.get((row.id, Action.MEMBER_NOTIFIED)),
            closed_at=ends.get((row.id, Action.REQUEST_CLOSED)),
            withdrawn_at=ends.get((row.id, Action.REQUEST_WITHDRAWN)),
            outcomes=tuple(outcome for outcome, _ in decided),
            grounds=tuple(ground for _, ground in decided if ground is not None),
        )


def _decisions(session: Session, ids: Sequence[str]) -> dict[str, list[tuple[str, str | None]]]:
    query = select(Decision.request_id, Decision.outcome, Decision.ground).where(
        Decision.request_id.in_(ids), Decision.effective_at.is_not(None)
    )
    found: dict[str, list[tuple[str, str | None]]] = defaultdict(list)
    for request_id, outcome, ground in session.execute(query.order_by(Decision.effective_at, Decision.id)):
        found[request_id].append((outcome, ground))
    return found


def _ends(session: Session, ids: Sequence[str]) -> dict[tuple[str, str], datetime]:
    query = select(AuditEvent.request_id, AuditEvent.action, AuditEvent.at).where(
        AuditEvent.request_id.in_(ids), AuditEvent.action.in_(_ENDS)
    )
    found: dict[tuple[str, str], datetime] = {}
    for request_id, action, at in session.execute(query.order_by(AuditEvent.position)):
        found.setdefault((request_id, action), at)
    return found
