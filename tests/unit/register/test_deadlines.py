from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from bot.clock import TOKYO
from bot.register.deadlines import policy_due_from_receipt, suit_possible_from


@pytest.mark.parametrize(
    ("received", "due"),
    [
        (datetime(2025, 12, 25, 11, 0, tzinfo=TOKYO), date(2026, 1, 8)),
        (datetime(2026, 8, 7, 18, 59, tzinfo=TOKYO), date(2026, 8, 21)),
        # Still Thursday in Tokyo, though Wednesday in UTC.
        (datetime(2025, 12, 24, 15, 0, tzinfo=UTC), date(2026, 1, 8)),
        (datetime(2025, 12, 24, 14, 59, 59, tzinfo=UTC), date(2026, 1, 7)),
        (datetime(2028, 2, 20, 0, 0, tzinfo=TOKYO), date(2028, 3, 5)),
    ],
)
def test_two_weeks_from_arrival_on_the_japanese_calendar(received: datetime, due: date) -> None:
    assert policy_due_from_receipt(received) == due


def test_a_suit_is_possible_the_day_after() -> None:
    assert suit_possible_from(datetime(2025, 12, 25, 11, 0, tzinfo=TOKYO)) == date(2026, 1, 9)


def test_a_moment_without_a_zone_has_no_date() -> None:
    with pytest.raises(ValueError, match="time zone"):
        policy_due_from_receipt(datetime(2025, 12, 25, 11, 0))  # noqa: DTZ001 - the missing zone is the point
