"""Notes when each of the jobs was last done, for whoever is to notice that one has stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta

from bot.channels.gateway import Gateway
from bot.channels.pacing import Pace
from bot.storage.beats import beat, keep_only
from bot.storage.engine import transaction

BACKUP = "backup"
"""What is noted when a backup was made, by the command."""

_BETWEEN_BEATS = timedelta(minutes=1)


@dataclass
class Beating:
    """Keeps the last beat of every job that ended without an error."""

    gateway: Gateway
    pace: Pace = field(default_factory=lambda: Pace(_BETWEEN_BEATS), init=False)
    _done: set[str] = field(default_factory=set, init=False)

    async def begin(self, names: Collection[str]) -> None:
        """Forgets the beats of what is done no more: a job of an earlier release, digests that were switched off."""
        await asyncio.to_thread(self._keep_only, names)

    async def note(self, done: Collection[str]) -> None:
        """Takes what a round has done, and writes it down once a minute."""
        self._done.update(done)
        if self._done and self.pace.is_time(self.gateway.clock()):
            names = sorted(self._done)
            self._done.clear()
            await asyncio.to_thread(note_beats, self.gateway, *names)

    def _keep_only(self, names: Collection[str]) -> None:
        with transaction(self.gateway.engine) as session:
            keep_only(session, names, controller=self.gateway.controller)


def note_beats(gateway: Gateway, *names: str) -> None:
    """Notes that these were done now; a crash of the machine may lose that, which no job would mind."""
    with transaction(gateway.engine, passing=True) as session:
        for name in names:
            beat(session, name, controller=gateway.controller, now=gateway.clock())
