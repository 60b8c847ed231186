"""What the jobs do about period keys: those under which something was deleted go, and those that nothing needs."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from bot.channels.gateway import Gateway
from bot.channels.pacing import Pace
from bot.storage import key_destruction
from bot.storage.period_keys import PeriodKey, PeriodKeys

log = structlog.get_logger()

_BETWEEN_SWEEPS = timedelta(minutes=10)
_BETWEEN_LOOKS = timedelta(days=1)
# The other steps of a round wait meanwhile, mails among them; what is left is for the next sweep.
_SECONDS = 5.0


@dataclass
class KeyKeeping:
    """Looks after the folder of period keys; without one there is nothing to do."""

    gateway: Gateway
    pace: Pace = field(default_factory=lambda: Pace(_BETWEEN_SWEEPS), init=False)
    looks: Pace = field(default_factory=lambda: Pace(_BETWEEN_LOOKS), init=False)

    async def sweep(self) -> None:
        """Destroys what is due, at most once in ten minutes."""
        keys, now = self.gateway.vault.period_keys, self.gateway.clock()
        if keys is not None and self.pace.is_time(now):
            await asyncio.to_thread(self._sweep, keys)

    def _sweep(self, keys: PeriodKeys) -> None:
        engine, now = self.gateway.engine, self.gateway.clock()
        due = key_destruction.due(engine, keys, now=now)
        if not self._is_empty(due):
            return
        if self.looks.is_time(now):
            keys.tidy()
            due += [key for key in key_destruction.unused(engine, keys) if key not in due]
        destroyed = key_destruction.destroy(engine, keys, *due)
        if destroyed:
            log.info("period_keys_destroyed", count=len(destroyed))

    def _is_empty(self, keys: list[PeriodKey]) -> bool:
        began = time.monotonic()
        for _ in key_destruction.empty(self.gateway.engine, self.gateway.vault, keys):
            if time.monotonic() - began > _SECONDS:
                return False
        return True
