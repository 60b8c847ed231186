"""The ledger as a table: what `register list` and `register export` show of each request, without anything sealed."""

from __future__ import annotations

from dataclasses import dataclass

from bot.commands.register_session import Acting, shown
from bot.register.kinds import Kind
from bot.register.ledger import Row, rows_of
from bot.register.models import State
from bot.register.requests import RequestView, of_controller


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
    views = of_controller(act.session, act.controller)
    found = rows_of(act.session, views, now=act.now, is_working_day=act.is_working_day)
    return [row for row in found if wanted.holds(row)]


def row_of(act: Acting, view: RequestView) -> Row:
    """A request with its dates."""
    (row,) = rows_of(act.session, [view], now=act.now, is_working_day=act.is_working_day)
    return row


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
        *(f"({mark})" for mark in _marks(row)),
    )
    return "  ".join(cells)


def _marks(row: Row) -> list[str]:
    """What staff have to know at a glance."""
    flags = {
        "urgent": row.view.is_urgent,
        "without delay": row.view.without_delay,
        "overdue": row.is_overdue,
        "no contact": not row.view.has_contact and row.view.purged_at is None,
        "held": row.view.held_at is not None,
        "content removed": row.view.purged_at is not None,
        "test": row.view.is_test,
    }
    return [mark for mark, is_set in flags.items() if is_set]
