from __future__ import annotations

from datetime import date, timedelta

import pytest

from bot.register.alerts.climbing import DeskHours
from bot.register.alerts.closures import Closure, coming_closure

_YEAR_END = Closure(date(2025, 12, 27), date(2026, 1, 4))
_SUMMER = Closure(date(2026, 8, 11), date(2026, 8, 17))
_GOLDEN_WEEK = Closure(date(2026, 5, 2), date(2026, 5, 6))


@pytest.mark.parametrize(
    ("today", "closure"),
    [
        # Four working days are left after this Monday, none after this Friday.
        (date(2025, 12, 22), _YEAR_END),
        (date(2025, 12, 26), _YEAR_END),
        (date(2025, 12, 21), None),
        (date(2025, 12, 19), None),
        (date(2026, 8, 10), _SUMMER),
        (date(2026, 8, 3), None),
        (date(2026, 4, 30), _GOLDEN_WEEK),
        (date(2026, 5, 7), None),
    ],
)
def test_a_closure_is_seen_a_week_ahead(today: date, closure: Closure | None, hours: DeskHours) -> None:
    assert coming_closure(today, hours.is_working_day) == closure


@pytest.mark.parametrize("monday", [date(2026, 11, 23), date(2026, 7, 20), date(2026, 10, 12)])
def test_a_long_weekend_is_none(monday: date, hours: DeskHours) -> None:
    assert not hours.is_working_day(monday)
    assert coming_closure(monday - timedelta(days=4), hours.is_working_day) is None


def test_within_a_closure_its_end_stays_the_same(hours: DeskHours) -> None:
    ends = {
        found.last
        for number in range(13)
        if (found := coming_closure(date(2025, 12, 21) + timedelta(days=number), hours.is_working_day)) is not None
    }
    assert ends == {_YEAR_END.last}


def test_both_ends_lie_in_it() -> None:
    days = [_SUMMER.first - timedelta(days=1), _SUMMER.first, _SUMMER.last, _SUMMER.last + timedelta(days=1)]
    assert [_SUMMER.holds(day) for day in days] == [False, True, True, False]


def test_a_desk_that_never_opens_is_closed_for_long() -> None:
    found = coming_closure(date(2026, 1, 1), lambda _day: False)
    assert found is not None
    assert found.first == date(2026, 1, 2)


def test_a_desk_that_is_always_open_has_no_closure() -> None:
    assert coming_closure(date(2026, 1, 1), lambda _day: True) is None
