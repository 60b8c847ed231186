"""The counts of one process: the library's memory, with the moments kept so that looking after them costs little.

The library's own memory looks through everything it holds with every hit, one thread call a key: at 50 hits a second
and 1,000 keys that took 0.4 of a core (`limits` 5.8.0). Here old keys are dropped once a minute, and the clock is
the one that everything else goes by.
"""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta

from limits.aio.storage import MemoryStorage

from bot.channels.pacing import Pace
from bot.clock import CLOCKS_DIFFER, Clock

_BETWEEN_SWEEPS = timedelta(minutes=1)


class Moments(MemoryStorage):
    """A storage for the library's moving windows: the moments of each key's latest hits, the oldest first."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self._moments: dict[str, deque[float]] = {}
        self._lengths: dict[str, int] = {}
        self._pace = Pace(_BETWEEN_SWEEPS)

    def __len__(self) -> int:
        """How many keys are kept."""
        return len(self._moments)

    async def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Counts `amount` more, unless the last `expiry` seconds then held more than `limit`."""
        now = self._sweep()
        moments = self._moments.setdefault(key, deque())
        self._lengths[key] = expiry
        _forget(moments, now=now, expiry=expiry)
        if len(moments) + amount > limit:
            return False
        moments.extend([now] * amount)
        return True

    async def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:  # noqa: ARG002 - its shape
        """When the oldest of the hits of the last `expiry` seconds was, and how many they are."""
        now = self._sweep()
        moments = self._moments.get(key, deque())
        _forget(moments, now=now, expiry=expiry)
        return (moments[0] if moments else now), len(moments)

    def _sweep(self) -> float:
        now = self._clock()
        if self._pace.is_time(now):
            for key in [key for key in self._moments if self._is_over(key, now)]:
                del self._moments[key], self._lengths[key]
        return now.timestamp()

    def _is_over(self, key: str, now: datetime) -> bool:
        hits = self._moments[key]
        return not hits or hits[-1] <= now.timestamp() - self._lengths[key] or _is_ahead(hits, now.timestamp())


def _forget(moments: deque[float], *, now: float, expiry: float) -> None:
    # Counted by a clock that was ahead they would count for as long as it was wrong.
    if _is_ahead(moments, now):
        moments.clear()
    while moments and moments[0] <= now - expiry:
        moments.popleft()


def _is_ahead(moments: deque[float], now: float) -> bool:
    return bool(moments) and moments[-1] > now + CLOCKS_DIFFER.total_seconds()
