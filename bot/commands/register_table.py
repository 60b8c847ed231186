"""The ledger as a table: what `register list` and `register export` show of each request, without anything sealed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from bot.clock import in_tokyo
from bot.commands.register_session import Acting, shown
from bot.register.alerts.standing import UNTOLD
from bot.register.deadlines import deadlines, suit_possible_from, working_days_left
from bot.register.decisions.looking import open_decision
from bot.register.decisions.models import Outcome
from bot.register.kinds import Kind
from bot.register.models import State
from bot.register.requests import RequestView, of_controller

COLUMNS = (
    *("number", "kind", "scope", "state", "channel", "received_at", "verified_at", "due_from_arrival"),
    *("due_from_verification", "suit_possible_from", "working_days_left", "is_overdue", "assignee", "has_contact"),
    *("is_urgent", "without_delay", "is_test"),
)
_REFUSALS = (Outcome.DENIED, Outcome.PARTIAL)


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

    @property
    def marks(self) -> list[str]:
        """What staff have to know at a glance."""
        flags = {
            "urgent": self.view.is_urgent,
            "without delay": self.view.without_delay,
            "overdue": self.is_overdue,
            "no contact": not self.view.has_contact,
            "test": self.view.is_test,
        }
        return [mark for mark, is_set in flags.items() if is_set]


@dataclass(frozen=True)
class Wanted:
    """Which requests to show; what is empty leaves nothing out."""

    states: tuple[State, ...] = ()
    kinds: tuple[Kind, ...] = ()
    overdue: bool = False
    assignee: str = ""

    def holds(self, row: Row) -> bool:
        """Whether this one is wanted."""
        return (
            (not self.states or row.view.state in self.states)
            and (not self.kinds or row.view.kind in self.kinds)
            and (row.is_overdue or not self.overdue)
            and self.assignee in ("", row.view.assignee)
        )


def rows(act: Acting, wanted: Wanted) -> list[Row]:
    """The requests that are wanted, newest first."""
    found = (row_of(act, view) for view in of_controller(act.session, act.controller))
    return [row for row in found if wanted.holds(row)]


def row_of(act: Acting, view: RequestView) -> Row:
    """A request with its dates."""
    due = deadlines(view.received_at, view.verified_at)
    runs = view.state in UNTOLD
    return Row(
        view=view,
        due_from_arrival=due.from_arrival,
        due_from_verification=due.from_verification,
        suit_possible_from=suit_possible_from(view.received_at, kind=view.kind, refused_at=_refused_at(act, view)),
        working_days_left=working_days_left(act.now, due.working, act.is_working_day) if runs else None,
        is_overdue=runs and due.working < in_tokyo(act.now).date(),
    )


def _refused_at(act: Acting, view: RequestView) -> datetime | None:
    decision = open_decision(act.session, view.id)
    return decision.effective_at if decision is not None and decision.outcome in _REFUSALS else None


def line(row: Row) -> str:
    """A request on one line."""
    view = row.view
    verified = row.due_from_verification.isoformat() if row.due_from_verification else "-"
    left = "-" if row.working_days_left is None else str(row.working_days_left)
    cells = (
        view.number,
        f"{view.kind:<18}",
        f"{view.state:<16}",
        shown(view.received_at),
        f"due {row.due_from_arrival}/{verified:<10}",
        f"left {left:>2}",
        (view.assignee or "-").removeprefix("staff:"),
        *(f"({mark})" for mark in row.marks),
    )
    return "  ".join(cells)


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
