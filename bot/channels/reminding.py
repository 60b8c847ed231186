"""Reminds the desk of reports that are owed: looks now and then, and leaves the sending to the outbox."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.channels.gateway import Gateway
from bot.channels.pacing import Pace
from bot.incidents.keeping import running
from bot.incidents.reminding import remind
from bot.storage.engine import reading, transaction

_BETWEEN_LOOKS = timedelta(minutes=1)


@dataclass
class Reminding:
    """The look of one jobs process, at most once a minute."""

    gateway: Gateway
    pace: Pace = field(default_factory=lambda: Pace(_BETWEEN_LOOKS), init=False)

    async def sweep(self) -> None:
        """Puts what is to be reminded of into the outbox."""
        now = self.gateway.clock()
        if self.pace.is_time(now):
            await asyncio.to_thread(self._remind, now)

    def _remind(self, now: datetime) -> None:
        # Most of the time no incident runs, and nobody who writes need wait to find that out.
        with reading(self.gateway.engine) as session:
            if not running(session, self.gateway.controller):
                return
        with transaction(self.gateway.engine) as session:
            remind(session, controller=self.gateway.controller, now=now)
