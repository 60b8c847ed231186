"""The dates a request is measured by, counted in calendar days on the Japanese calendar.

The policy promises an answer within two weeks and can be read in two ways: two weeks from the arrival, or two weeks
from the identity check. Both are counted and the earlier one drives the work, since it is safe under either reading.
The day on which something happened does not count (民法 140条). That a last day on which the desk is closed might
move to the next working day (民法 142条) is left aside: whoever relies on it answers late under the strict reading.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from bot.clock import TOKYO, in_tokyo
from bot.register.kinds import Kind

ToldDue = Literal["quote", "arrival", "verification"]
"""What members are told of the two weeks: the policy's words, or the date that one of the two readings gives."""

IsWorkingDay = Callable[[date], bool]
"""Whether the desk is open on a Japanese day."""

TWO_WEEKS = timedelta(days=14)
"""What the policy promises, in calendar days."""

_DAY = timedelta(days=1)

# 39条 speaks of suits about 33条 (records of provision to third parties among them, 33条5項), 34条 and 35条 only.
_WITHOUT_SUIT = frozenset({Kind.PURPOSE_NOTICE, Kind.COMPLAINT, Kind.INQUIRY})


@dataclass(frozen=True)
class Deadlines:
    """The last days of the two weeks, by either reading.

    Attributes:
        from_arrival: counted from the day of arrival.
        from_verification: counted from the day on which it was first known who asks; None before.
    """

    from_arrival: date
    from_verification: date | None

    @property
    def working(self) -> date:
        """The earlier one: what alerts and lists go by."""
        return min(self.from_arrival, self.from_verification or self.from_arrival)

    def told(self, told_due: ToldDue) -> date | None:
        """The date that members are told by the owner's choice; None where only the policy is quoted, or not yet."""
        if told_due == "quote":
            return None
        return self.from_arrival if told_due == "arrival" else self.from_verification


def deadlines(received_at: datetime, verified_at: datetime | None) -> Deadlines:
    """Both last days of a request.

    Raises:
        ValueError: a moment carries no time zone.
    """
    return Deadlines(_two_weeks_from(received_at), None if verified_at is None else _two_weeks_from(verified_at))


def policy_due_from_receipt(received_at: datetime) -> date:
    """The last day of the two weeks that begin with the arrival."""
    return _two_weeks_from(received_at)


def clock_begins(due: date) -> datetime:
    """The first moment from which the two weeks end on this day: what lists of a day or a stretch are asked by."""
    return datetime.combine(due - TWO_WEEKS, time(), TOKYO)


def suit_possible_from(received_at: datetime, *, kind: Kind, refused_at: datetime | None = None) -> date | None:
    """The first day on which a member could go to court (39条), for staff; None for kinds that 39条 leaves out.

    Args:
        received_at: when the request arrived.
        kind: what is asked for.
        refused_at: when the company refused, after which nobody has to wait for the two weeks.
    """
    if kind in _WITHOUT_SUIT:
        return None
    after_two_weeks = _two_weeks_from(received_at) + _DAY
    return after_two_weeks if refused_at is None else min(after_two_weeks, in_tokyo(refused_at).date())


def working_days_left(now: datetime, due: date, is_working_day: IsWorkingDay) -> int:
    """How many working days are left after today, the last day among them; 0 on the last day and when it is over."""
    today = in_tokyo(now).date()
    ahead = (today + timedelta(days=number) for number in range(1, (due - today).days + 1))
    return sum(is_working_day(day) for day in ahead)


def _two_weeks_from(moment: datetime) -> date:
    return in_tokyo(moment).date() + TWO_WEEKS
