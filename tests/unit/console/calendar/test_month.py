"""The sheet of a month: whole weeks, closed days with their reason, and addresses that name days there are."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.console.calendar.month import Month, closed_mark, month_of, read_day, read_month, weeks_of
from bot.desk import load_desk
from bot.register.due_days import DueCount

DESK = load_desk(Path(__file__).parents[4] / "policy_corpus" / "eparkrelax" / "privacy")
DAYS = st.dates(date(2003, 1, 1), date(2100, 12, 31))


@given(DAYS)
def test_a_sheet_holds_its_month_once_in_whole_weeks(day: date) -> None:
    month = month_of(day)
    weeks = weeks_of(month, {day: DueCount(1, 2)}, desk=DESK, today=day)
    cells = [cell for week in weeks for cell in week]
    assert all(len(week) == 7 and week[0].day.weekday() == 0 for week in weeks)
    assert [cell.day for cell in cells] == month.days
    assert len([cell for cell in cells if cell.is_in_month]) == _length(month)
    assert [cell.day for cell in cells if cell.is_today] == [day]
    assert sum(cell.due.from_verification for cell in cells) == 2


def _length(month: Month) -> int:
    following = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return (following - month.first).days


@given(DAYS)
def test_the_months_before_and_after_lead_back(day: date) -> None:
    month = month_of(day)
    assert month.after is None or month.after.before == month
    assert month.before is None or month.before.after == month
    assert read_month(str(month)) == month


@pytest.mark.parametrize(
    ("day", "mark"),
    [
        (date(2026, 11, 26), ""),
        (date(2026, 11, 28), "休み"),
        (date(2026, 11, 23), "祝日"),
        (date(2026, 12, 28), "休業"),
        (date(2027, 1, 1), "祝日"),
        (date(2026, 8, 13), "休業"),
    ],
)
def test_a_closed_day_says_why(day: date, mark: str) -> None:
    assert closed_mark(DESK, day) == mark


@pytest.mark.parametrize(
    "text", ["", "2026", "2026-13", "2026-1", "1999-12", "2101-01", "２０２６-12", "x", "2026-12-01"]
)
def test_what_names_no_month_is_none(text: str) -> None:
    assert read_month(text) is None


@pytest.mark.parametrize("text", ["2026-02-30", "20261201", "2026-W49-2", "1999-12-31", "nowhere..."])
def test_what_names_no_day_is_none(text: str) -> None:
    assert read_day(text) is None


def test_the_calendar_ends_somewhere() -> None:
    assert Month(2003, 1).before is None
    assert Month(2100, 12).after is None
