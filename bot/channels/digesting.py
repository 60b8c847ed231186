"""Writes the digest of all trails every hour, where the owner has it kept."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from bot.channels.beating import note_beats
from bot.channels.gateway import Gateway
from bot.channels.pacing import Pace
from bot.register.digests.folder import Folder, open_folder
from bot.register.digests.making import make_digest
from bot.storage.engine import reading

log = structlog.get_logger()

DIGEST = "digest"
"""What is noted when the digest of the hour is where it belongs."""

_BETWEEN_LOOKS = timedelta(minutes=1)


@dataclass
class Digesting:
    """Adds the digest of an hour within its first minute; an hour in which that failed is a gap that stays visible."""

    gateway: Gateway
    folder: Folder | None
    pace: Pace = field(default_factory=lambda: Pace(_BETWEEN_LOOKS), init=False)

    async def sweep(self) -> None:
        """Writes it, if it is not there yet; looks once a minute."""
        now = self.gateway.clock()
        if self.folder is not None and self.pace.is_time(now):
            await asyncio.to_thread(self._make, self.folder, now)

    def _make(self, folder: Folder, now: datetime) -> None:
        with reading(self.gateway.engine) as session:
            made = make_digest(session, folder, now=now)
        if made is not None:
            log.info("digest_written", file=made.name)
        note_beats(self.gateway, DIGEST)


def open_digesting(gateway: Gateway) -> Digesting:
    """The digests of this installation; none where it has no folder for them.

    Raises:
        BadInputError: there is a folder and no key to sign with.
    """
    return Digesting(gateway, open_folder(gateway.settings))
