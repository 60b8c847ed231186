from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from holidays import country_holidays
from hypothesis import given
from hypothesis import strategies as st

from bot.clock import TOKYO
from bot.desk import is_working_day, load_desk
from bot.register.deadlines import (
    IsWorkingDay,
    ToldDue,
    deadlines,
    policy_due_from_receipt,
    suit_possible_from,
    working_days_left,
)
from bot.register.kinds import Kind

_POLICY = Path(__file__).parents[3] / "policy_corpus" / "eparkrelax" / "privacy"
_FIRST, _LAST = date(2025, 1, 1), date(2027, 12, 31)
_THREE_YEARS = [_FIRST + timedelta(days=number) for number in range((_LAST - _FIRST).days + 1)]
_EDGES = (time(0, 0, 0), time(23, 59, 59))
_WITH_SUIT = [kind for kind in Kind if kind not in {Kind.PURPOSE_NOTICE, Kind.COMPLAINT, Kind.INQUIRY}]

moments = st.datetimes(
    min_value=datetime(2024, 1, 1),  # noqa: DTZ001 - Hypothesis adds the zone
    max_value=datetime(2029, 12, 31),  # noqa: DTZ001 - Hypothesis adds the zone
    timezones=st.sampled_from([UTC, TOKYO]),
)
spans = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=60))


@pytest.fixture(scope="module")
def open_days() -> IsWorkingDay:
    return partial(is_working_day, load_desk(_POLICY))


@pytest.fixture(scope="module")
def calendar() -> np.busdaycalendar:
    """The desk's calendar told a second time, in other words, from the policy's sentence on hours."""
    years = range(_FIRST.year, _LAST.year + 2)
    summers = [date(year, 8, day) for year in years for day in range(11, 18)]
    turns = [date(year, 12, day) for year in years for day in range(27, 32)]
    new_years = [date(year, 1, day) for year in years for day in range(1, 5)]
    national = list(country_holidays("JP", years=years))
    return np.busdaycalendar(holidays=[np.datetime64(day) for day in (*summers, *turns, *new_years, *national)])


def tokyo(day: date, at: time = time(11)) -> datetime:
    return datetime.combine(day, at, TOKYO)


@pytest.mark.parametrize("at", _EDGES)
def test_every_day_of_three_years_from_its_first_to_its_last_second(
    at: time, open_days: IsWorkingDay, calendar: np.busdaycalendar
) -> None:
    for day in _THREE_YEARS:
        arrived = tokyo(day, at).astimezone(UTC)
        # Ordinals know nothing of time zones, months or leap years.
        due = date.fromordinal(day.toordinal() + 14)
        found = deadlines(arrived, None)
        assert (found.from_arrival, found.from_verification, found.working) == (due, None, due)
        assert suit_possible_from(arrived, kind=Kind.DISCLOSURE) == date.fromordinal(day.toordinal() + 15)
        left = np.busday_count(day, due + timedelta(days=1), busdaycal=calendar) - open_days(day)
        assert working_days_left(arrived, due, open_days) == left


def test_a_second_later_is_a_day_later() -> None:
    for day in _THREE_YEARS:
        last = tokyo(day, time(23, 59, 59)).astimezone(UTC)
        assert policy_due_from_receipt(last + timedelta(seconds=1)) - policy_due_from_receipt(last) == timedelta(days=1)


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


@pytest.mark.parametrize(
    ("received", "working"),
    [
        (date(2025, 12, 25), [(12, 26), (1, 5), (1, 6), (1, 7), (1, 8)]),
        (date(2026, 8, 7), [(8, 10), (8, 18), (8, 19), (8, 20), (8, 21)]),
    ],
)
def test_working_days_around_the_closures_of_the_desk(
    received: date, working: list[tuple[int, int]], open_days: IsWorkingDay
) -> None:
    due = deadlines(tokyo(received), None).working
    ahead = [received + timedelta(days=number) for number in range(1, 15)]

    assert [(day.month, day.day) for day in ahead if open_days(day)] == working
    assert working_days_left(tokyo(received), due, open_days) == len(working)


@pytest.mark.parametrize("days_late", [0, 1, 5])
def test_on_the_last_day_and_later_nothing_is_left(days_late: int, open_days: IsWorkingDay) -> None:
    due = date(2026, 11, 25)
    assert working_days_left(tokyo(due + timedelta(days=days_late)), due, open_days) == 0


@pytest.mark.parametrize(
    ("told_due", "before", "after"),
    [
        ("quote", None, None),
        ("arrival", date(2026, 6, 15), date(2026, 6, 15)),
        ("verification", None, date(2026, 6, 18)),
    ],
)
def test_members_are_told_what_the_owner_chose(told_due: ToldDue, before: date | None, after: date | None) -> None:
    received, verified = tokyo(date(2026, 6, 1)), tokyo(date(2026, 6, 4))

    assert deadlines(received, None).told(told_due) == before
    assert deadlines(received, verified).told(told_due) == after


@pytest.mark.parametrize("kind", _WITH_SUIT)
def test_a_suit_is_possible_the_day_after_two_weeks(kind: Kind) -> None:
    assert suit_possible_from(tokyo(date(2025, 12, 25)), kind=kind) == date(2026, 1, 9)


def test_after_a_refusal_nobody_has_to_wait() -> None:
    received, refused = tokyo(date(2025, 12, 25)), datetime(2025, 12, 27, 15, 0, tzinfo=UTC)
    assert suit_possible_from(received, kind=Kind.ERASURE, refused_at=refused) == date(2025, 12, 28)


@pytest.mark.parametrize("kind", [Kind.PURPOSE_NOTICE, Kind.COMPLAINT, Kind.INQUIRY])
def test_the_law_names_no_suit_about_the_rest(kind: Kind) -> None:
    assert suit_possible_from(tokyo(date(2025, 12, 25)), kind=kind) is None


def test_a_moment_without_a_zone_has_no_date() -> None:
    with pytest.raises(ValueError, match="time zone"):
        policy_due_from_receipt(datetime(2025, 12, 25, 11, 0))  # noqa: DTZ001 - the missing zone is the point


@given(received=moments, later=spans)
def test_verification_moves_no_date_later(received: datetime, later: timedelta) -> None:
    before, after = deadlines(received, None), deadlines(received, received + later)

    assert after.from_arrival == before.from_arrival
    assert after.working <= before.working
    assert after.from_verification is not None
    assert after.working <= after.from_verification


@given(received=moments, later=spans, kind=st.sampled_from(_WITH_SUIT))
def test_a_refusal_moves_the_suit_no_later(received: datetime, later: timedelta, kind: Kind) -> None:
    before = suit_possible_from(received, kind=kind)
    after = suit_possible_from(received, kind=kind, refused_at=received + later)

    assert before is not None
    assert after is not None
    assert after <= before


@given(now=moments, later=spans)
def test_the_days_left_only_grow_fewer(now: datetime, later: timedelta) -> None:
    due = policy_due_from_receipt(now)

    def weekdays(day: date) -> bool:
        return day.isoweekday() < 6

    assert 0 <= working_days_left(now + later, due, weekdays) <= working_days_left(now, due, weekdays) <= 10
