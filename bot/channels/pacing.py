"""What runs in every round of `jobs`, but need not do its work every time."""

from __future__ import annotations

from datetime import datetime, timedelta


class Pace:
    """Says when it is time again: at first, and then once in a while."""

    def __init__(self, between: timedelta) -> None:
        self._between = between
        self._last: datetime | None = None

    def is_time(self, now: datetime) -> bool:
        """Whether enough time has passed since it last said so; a clock that was set back begins anew."""
        if self._last is not None and timedelta() <= now - self._last < self._between:
            return False
        self._last = now
        return True
