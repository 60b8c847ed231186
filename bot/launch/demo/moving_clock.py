"""The clock that a demo's past is written by: it stands where the next thing happened."""

from __future__ import annotations

from datetime import datetime


class MovingClock:
    """Stands at a moment until it is set to the next one."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """The moment at which it stands."""
        return self.now
