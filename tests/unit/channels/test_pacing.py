from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.channels.pacing import Pace

NOW = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)


def test_it_is_time_at_first_and_then_once_in_a_while() -> None:
    pace = Pace(timedelta(minutes=1))

    told = [pace.is_time(NOW + timedelta(seconds=seconds)) for seconds in (0, 1, 59, 60, 100, 119, 120)]

    assert told == [True, False, False, True, False, False, True]


def test_a_clock_that_was_set_back_begins_anew() -> None:
    pace = Pace(timedelta(minutes=1))

    told = [pace.is_time(NOW + timedelta(seconds=seconds)) for seconds in (86_400, 0, 59, 60)]

    assert told == [True, True, False, True]
