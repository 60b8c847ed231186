"""When the desk is closed for longer than a weekend, so that what falls due meanwhile has to be done before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from bot.register.deadlines import IsWorkingDay

_DAY = timedelta(days=1)
_SATURDAY = 5
# Five working days are a week's notice; a request that is due inside is still with the three days' notice otherwise.
_NOTICE = 5
# One closed weekday makes a long weekend, which everybody knows of; two or more are a closure.
_CLOSED_WEEKDAYS = 2
# A desk that never opens again has no closure that would end.
_LONGEST = 60


@dataclass(frozen=True)
class Closure:
    """A stretch of days on which the desk is closed, weekends at its ends among them."""

    first: date
    last: date

    def holds(self, day: date) -> bool:
        """Whether the day lies in the stretch."""
        return self.first <= day <= self.last


def coming_closure(today: date, is_working_day: IsWorkingDay) -> Closure | None:
    """The closure that begins after today and before five more working days are over, if there is one."""
    day, working = today + _DAY, 0
    while working < _NOTICE and day <= today + _LONGEST * _DAY:
        if is_working_day(day):
            day, working = day + _DAY, working + 1
            continue
        stretch = _stretch(day, is_working_day)
        if _closed_weekdays(stretch) >= _CLOSED_WEEKDAYS:
            return stretch
        day = stretch.last + _DAY
    return None


def _stretch(first: date, is_working_day: IsWorkingDay) -> Closure:
    last = first
    while not is_working_day(last + _DAY) and last < first + _LONGEST * _DAY:
        last += _DAY
    return Closure(first, last)


def _closed_weekdays(closure: Closure) -> int:
    days = ((closure.first + number * _DAY) for number in range((closure.last - closure.first).days + 1))
    return sum(day.weekday() < _SATURDAY for day in days)
