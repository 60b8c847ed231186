"""A month as a calendar sheet: weeks from Monday, what is due on each day, and when the desk is closed."""

from __future__ import annotations

import re
from calendar import Calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from bot.desk import Desk, is_holiday, is_working_day
from bot.register.due_days import DueCount

FIRST_YEAR, LAST_YEAR = 2003, 2100
_WEEK = 7
# Python reads weeks and days of the year as well.
_DAY_SPELT = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DAY = timedelta(days=1)


@dataclass(frozen=True, order=True)
class Month:
    """One month of one year."""

    year: int
    month: int

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.month, 1)

    @property
    def days(self) -> list[date]:
        """The days of its sheet: whole weeks from Monday, with what hangs over at both ends."""
        return list(Calendar().itermonthdates(self.year, self.month))

    @property
    def before(self) -> Month | None:
        """The month before; none before the first year."""
        return month_of(self.first - _DAY) if (self.year, self.month) > (FIRST_YEAR, 1) else None

    @property
    def after(self) -> Month | None:
        """The month after; none after the last year."""
        following = month_of(self.first.replace(day=28) + _DAY * _WEEK)
        return following if following.year <= LAST_YEAR else None

    def __str__(self) -> str:
        """As it stands in an address."""
        return f"{self.year:04}-{self.month:02}"


@dataclass(frozen=True)
class DayCell:
    """A day of the sheet; `mark` says why the desk is closed, if it is."""

    day: date
    is_in_month: bool
    is_today: bool
    is_open: bool
    mark: str
    due: DueCount


def month_of(day: date) -> Month:
    """The month in which a day lies."""
    return Month(day.year, day.month)


def read_day(text: str) -> date | None:
    """The day an address names, `2026-12-01`; None when it names none that this calendar has."""
    try:
        day = date.fromisoformat(text) if _DAY_SPELT.fullmatch(text) else None
    except ValueError:
        return None
    return day if day is not None and FIRST_YEAR <= day.year <= LAST_YEAR else None


def read_month(text: str) -> Month | None:
    """The month an address names, `2026-12`; None when it names none that this calendar has."""
    first = read_day(f"{text}-01")
    return None if first is None else month_of(first)


def weeks_of(month: Month, due: Mapping[date, DueCount], *, desk: Desk, today: date) -> list[list[DayCell]]:
    """The sheet, a week a row."""
    cells = [
        DayCell(
            day=day,
            is_in_month=day.month == month.month,
            is_today=day == today,
            is_open=is_working_day(desk, day),
            mark=closed_mark(desk, day),
            due=due.get(day, DueCount()),
        )
        for day in month.days
    ]
    return [cells[start : start + _WEEK] for start in range(0, len(cells), _WEEK)]


def closed_mark(desk: Desk, day: date) -> str:
    """Why the desk is closed on this day; nothing when it is open."""
    if is_working_day(desk, day):
        return ""
    if is_holiday(desk, day):
        return "祝日"
    return "休業" if any(closed.holds(day) for closed in desk.hours.closed) else "休み"
