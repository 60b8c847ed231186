"""The one source of time: UTC inside, Asia/Tokyo for every date a person sees."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

TOKYO = ZoneInfo("Asia/Tokyo")

CLOCKS_DIFFER = timedelta(minutes=2)
"""By how much clocks of two hosts may differ: what is further ahead was written by a clock that was wrong."""

Clock = Callable[[], datetime]
"""Gives the current moment, timezone-aware, in UTC. Whoever needs time takes one as an argument."""


def system_clock() -> datetime:
    """The machine's present moment in UTC."""
    return datetime.now(UTC)


def in_tokyo(moment: datetime) -> datetime:
    """The same moment on a Japanese wall clock.

    Raises:
        ValueError: the moment carries no time zone, so that nobody can say when it was.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} has no time zone")
    return moment.astimezone(TOKYO)
