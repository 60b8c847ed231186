"""Keeps the figures of each day up to date with the conversations."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

from bot.channels.gateway import Gateway
from bot.channels.pacing import Pace
from bot.storage import talk_days
from bot.storage.engine import reading, transaction

_BETWEEN_SWEEPS = timedelta(minutes=5)


@dataclass
class Counting:
    """Counts the days whose conversations changed; the present day is counted by whoever looks at it."""

    gateway: Gateway
    pace: Pace = field(default_factory=lambda: Pace(_BETWEEN_SWEEPS), init=False)

    async def sweep(self) -> None:
        """Counts until no day is left over, at most once in five minutes."""
        if self.pace.is_time(self.gateway.clock()):
            while await asyncio.to_thread(self._count) == talk_days.AT_ONCE:
                pass

    def _count(self) -> int:
        with reading(self.gateway.engine) as session:
            if not talk_days.is_one_uncounted(session, self.gateway.controller):
                return 0
        with transaction(self.gateway.engine) as session:
            return len(talk_days.count_days(session, self.gateway.controller))
