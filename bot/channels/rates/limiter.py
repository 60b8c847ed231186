"""Counts what chats ask for, and lets through what cannot be counted: a limit is no reason to leave a member alone."""

from __future__ import annotations

import asyncio
import math
from datetime import timedelta

import structlog
from limits import RateLimitItemPerMinute
from limits.aio.storage import Storage
from limits.aio.strategies import MovingWindowRateLimiter
from limits.errors import ConcurrentUpdateError, ConfigurationError, StorageError
from limits.storage import storage_from_string

from bot.channels.metrics import Metrics
from bot.channels.pacing import Pace
from bot.channels.rates.limit import Limit, LimitIsReachedError
from bot.channels.rates.moments import Moments
from bot.clock import Clock
from bot.errors import BadInputError
from bot.settings import Settings

log = structlog.get_logger()

# What a chat waits for its limits at most: a storage that is slower than this counts as one that is away.
_PATIENCE_SECONDS = 0.5
_BETWEEN_WARNINGS = timedelta(minutes=1)
# Running out of patience is an OSError, too: Python's TimeoutError is one.
_STORAGE_FAILURES = (StorageError, ConcurrentUpdateError, OSError)
_TOLD = RateLimitItemPerMinute(1)


class Limiter:
    """Counts in moving windows: never more than the rate says in any time of its length, wherever it begins."""

    def __init__(self, settings: Settings, storage: Storage, *, metrics: Metrics, clock: Clock) -> None:
        self._rates = {limit: limit.rates(settings) for limit in Limit}
        self.storage = storage
        self._windows = MovingWindowRateLimiter(storage)
        self._metrics = metrics
        self._clock = clock
        self._warnings = Pace(_BETWEEN_WARNINGS)

    async def admit(self, *wanted: tuple[Limit, str]) -> None:
        """Counts one more for each pair of a limit and what it is counted for, or for none of them.

        All are looked at before one is counted. So whoever is over their own limit takes nothing of everybody's, and
        nobody can fill the storage with names beyond what everybody together may.

        Raises:
            LimitIsReachedError: one of them has no room; the first of them is named.
        """
        limit = wanted[0][0]
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                for limit, key in wanted:
                    await self._expect_room(limit, key)
                for limit, key in wanted:
                    await self._take_room(limit, key)
        except _STORAGE_FAILURES as error:
            self._let_through(limit, error)

    async def is_first(self, key: str) -> bool:
        """Whether this is the first time within a minute that it is asked; no, while that cannot be known."""
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                return await self._windows.hit(_TOLD, "told", key)
        except _STORAGE_FAILURES:
            return False

    async def _expect_room(self, limit: Limit, key: str) -> None:
        stats = [await self._windows.get_window_stats(rate, limit, key) for rate in self._rates[limit]]
        full = [window.reset_time for window in stats if window.remaining < 1]
        if full:
            self._refuse(limit, max(full))

    async def _take_room(self, limit: Limit, key: str) -> None:
        for rate in self._rates[limit]:
            if not await self._windows.hit(rate, limit, key):
                # Another process took the last place in between.
                self._refuse(limit, (await self._windows.get_window_stats(rate, limit, key)).reset_time)

    def _refuse(self, limit: Limit, free_at: float) -> None:
        self._metrics.rate_refused.labels(limit).inc()
        raise LimitIsReachedError(limit, max(1, math.ceil(free_at - self._clock().timestamp())))

    def _let_through(self, limit: Limit, error: Exception) -> None:
        self._metrics.rate_errors.labels(limit).inc()
        if self._warnings.is_time(self._clock()):
            log.warning("rate_storage_away", limit=limit, error=type(error).__name__)


def open_storage(settings: Settings, clock: Clock) -> Storage:
    """Where limits count: what everybody together may ask for is counted in one place, whichever controller is asked.

    Raises:
        BadInputError: the storage's URL cannot be used.
    """
    url = settings.rate_storage_url.get_secret_value()
    if not url:
        return Moments(clock)
    try:
        # Of the library's clients for Redis the one that Redis itself keeps; other storages do not look at this.
        storage = storage_from_string(url, wrap_exceptions=True, implementation="redispy")
    except (ConfigurationError, ValueError):
        # The library's words would show the URL, and with it a password.
        storage = None
    if not isinstance(storage, Storage) or not hasattr(storage, "get_moving_window"):
        raise BadInputError(
            "MADOGUCHI_RATE_STORAGE_URL cannot be used: write a storage of the library `limits` for moving windows "
            "that begins with async+ (async+redis://host:6379), and install what it needs"
        )
    return storage
