"""The ledger as rows for lists and files: every request with its dates, and nothing that is sealed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.clock import in_tokyo
from bot.register.deadlines import IsWorkingDay, deadlines, suit_possible_from, working_days_left
from bot.register.decisions.models import Decision, Outcome
from bot.register.models import TOLD_OR_OVER, Request
from bot.register.queue import Place, Wanted, beyond, matches
from bot.register.requests import RequestView, views_of

COLUMNS = (
    *("number", "kind", "scope", "state", "channel", "received_at", "verified_at", "due_from_arrival"),
    *("due_from_verification", "suit_possible_from", "working_days_left", "is_overdue", "assignee", "has_contact"),
    *("is_urgent", "without_delay", "is_test"),
)
"""What `as_dict` gives, in the order of the file."""

BATCH = 500
_REFUSALS = (Outcome.DENIED, Outcome.PARTIAL)
# A spreadsheet runs a cell that begins like this as a formula, and members write some of the cells.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Row:
    """One request with its dates as they stand today.

    Attributes:
        due_from_arrival: last day of the two weeks from arrival.
        due_from_verification: the same from the identity check; None before it.
        suit_possible_from: first day of 39条; None for kinds that it leaves out.
        working_days_left: after today until the earlier last day; None once the member has been told.
        is_overdue: whether that day is over and the member has not been told.
    """

    view: RequestView
    due_from_arrival: date
    due_from_verification: date | None
    suit_possible_from: date | None
    working_days_left: int | None
    is_overdue: bool


def rows_of(
    session: Session, views: Sequence[RequestView], *, now: datetime, is_working_day: IsWorkingDay
) -> list[Row]:
    """Requests with their dates, in the order in which they are given."""
    refused: dict[str, datetime | None] = {}
    for start in range(0, len(views), BATCH):
        refused |= _refused_at(session, [view.id for view in views[start : start + BATCH]])
    return [_row(view, refused.get(view.id), now=now, is_working_day=is_working_day) for view in views]


def rows_after(
    session: Session,
    controller: str,
    wanted: Wanted,
    after: Place | None,
    *,
    now: datetime,
    is_working_day: IsWorkingDay,
) -> list[Row]:
    """The next `BATCH` requests that are wanted after a place, in the order of their arrival."""
    query = select(Request).where(matches(controller, wanted))
    if after is not None:
        query = query.where(beyond(after))
    found = list(session.scalars(query.order_by(Request.received_at, Request.id).limit(BATCH)))
    views = {view.id: view for view in views_of(session, found)}
    return rows_of(session, [views[row.id] for row in found], now=now, is_working_day=is_working_day)


def as_dict(row: Row) -> dict[str, object]:
    """A request for JSON and CSV, by `COLUMNS`; moments and days in ISO 8601, on Japanese clocks."""
    view = row.view
    return {
        "number": view.number,
        "kind": view.kind,
        "scope": view.scope,
        "state": view.state,
        "channel": view.channel,
        "received_at": in_tokyo(view.received_at).isoformat(),
        "verified_at": in_tokyo(view.verified_at).isoformat() if view.verified_at else None,
        "due_from_arrival": row.due_from_arrival.isoformat(),
        "due_from_verification": row.due_from_verification.isoformat() if row.due_from_verification else None,
        "suit_possible_from": row.suit_possible_from.isoformat() if row.suit_possible_from else None,
        "working_days_left": row.working_days_left,
        "is_overdue": row.is_overdue,
        "assignee": view.assignee,
        "has_contact": view.has_contact,
        "is_urgent": view.is_urgent,
        "without_delay": view.without_delay,
        "is_test": view.is_test,
    }


def defused(value: object) -> object:
    """A cell that no spreadsheet runs as a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _row(view: RequestView, refused_at: datetime | None, *, now: datetime, is_working_day: IsWorkingDay) -> Row:
    due = deadlines(view.received_at, view.verified_at)
    runs = view.state not in TOLD_OR_OVER and view.purged_at is None
    return Row(
        view=view,
        due_from_arrival=due.from_arrival,
        due_from_verification=due.from_verification,
        suit_possible_from=suit_possible_from(view.received_at, kind=view.kind, refused_at=refused_at),
        working_days_left=working_days_left(now, due.working, is_working_day) if runs else None,
        is_overdue=runs and due.working < in_tokyo(now).date(),
    )


def _refused_at(session: Session, request_ids: Sequence[str]) -> dict[str, datetime | None]:
    query = select(Decision.request_id, Decision.effective_at).where(
        Decision.request_id.in_(request_ids), Decision.rejected_at.is_(None), Decision.outcome.in_(_REFUSALS)
    )
    return {row.request_id: row.effective_at for row in session.execute(query)}
