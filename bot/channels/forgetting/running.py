"""Runs the purges of all rooms in batches so small that nobody waits for them.

A batch is one transaction: what goes, the period keys of it, and the line of the company's trail that says how much. So
a process that dies leaves a whole number of batches behind, and the next one goes on where it stood.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic

import structlog
from sqlalchemy.orm import Session

from bot.channels.beating import note_beats
from bot.channels.forgetting.rooms import Room
from bot.channels.gateway import Gateway
from bot.channels.pacing import Pace
from bot.crash_points import CrashPoint, crash_point
from bot.register.audit import SYSTEM
from bot.staff.trail import About, StaffAction, note_of
from bot.storage.engine import transaction

log = structlog.get_logger()

MOST = 500
"""Rows of a table that go in one transaction at most."""

PAUSES = 99
"""As many times as long as a batch took is rested after it: whoever comes meets a batch once in a hundred times."""

PURGE = "purge"
"""What is noted when a run has come to its end: nothing was over that has not gone."""

_BETWEEN_RUNS = timedelta(minutes=10)

# Who files waits for a batch that runs, so a batch is to be as short as this.
_SECONDS_A_BATCH = 0.01
# Every other step of a round, and with it every mail, waits as long as this at most.
_SECONDS_A_ROUND = 4.0


@dataclass
class Forgetting:
    """Purges every room until nothing is over, at most once in ten minutes; a long run goes on round by round.

    Attributes:
        gateway: what the channels work with.
        rooms: what is purged, in this order.
        pauses: how many times as long as it took a batch is rested from.
        pace: when a run begins.
    """

    gateway: Gateway
    rooms: Sequence[Room]
    pauses: int = PAUSES
    pace: Pace = field(default_factory=lambda: Pace(_BETWEEN_RUNS), init=False)
    _runs: bool = field(default=False, init=False)
    _left: deque[Room] = field(default_factory=deque, init=False)
    _gone: Counter[str] = field(default_factory=Counter, init=False)
    _sizes: dict[str, int] = field(default_factory=dict, init=False)

    async def sweep(self) -> None:
        """Begins a run when it is time, or goes on with the one that was begun."""
        now = self.gateway.clock()
        if not self._left and self.pace.is_time(now):
            self._left.extend(self.rooms)
            self._runs = True
        ends = monotonic() + _SECONDS_A_ROUND
        while self._left and monotonic() < ends:
            began = monotonic()
            if await asyncio.to_thread(self._purge, self._left[0], now):
                await asyncio.sleep(min(self.pauses * (monotonic() - began), _SECONDS_A_ROUND))
            else:
                self._left.popleft()
        if self._runs and not self._left:
            self._runs = False
            await asyncio.to_thread(note_beats, self.gateway, PURGE)
            if self._gone:
                log.info("purged", **self._gone)
                self._gone.clear()

    def _purge(self, room: Room, now: datetime) -> bool:
        """Purges one batch; whether there may be more."""
        most, began = self._sizes.get(room.name, room.first), monotonic()
        gone = purge_batch(self.gateway, room, now, most)
        self._gone.update(gone)
        self._sizes[room.name] = _next_size(most, monotonic() - began)
        return bool(gone)


def purge_batch(gateway: Gateway, room: Room, now: datetime, most: int) -> Mapping[str, int]:
    """Purges at most so many rows of a room, and notes what went; gives how many rows of which table."""
    with transaction(gateway.engine) as session:
        gone = purge_in(session, gateway.controller, room, now, most)
        if gone:
            crash_point(CrashPoint.PURGE_BEFORE_COMMIT)
    if gone:
        crash_point(CrashPoint.PURGE_AFTER_COMMIT)
    return gone


def purge_in(session: Session, controller: str, room: Room, now: datetime, most: int) -> Mapping[str, int]:
    """As `purge_batch`, in an open transaction."""
    gone = {table: count for table, count in room.purge(session, now, most).items() if count}
    if gone and room.is_noted:
        about = About("purge", fields=[f"{table}:{count}" for table, count in gone.items()])
        note_of(session, controller, SYSTEM, StaffAction.DATA_PURGED, about, now=now)
    return gone


def _next_size(most: int, seconds: float) -> int:
    if seconds > _SECONDS_A_BATCH:
        return max(1, most // 2)
    return min(MOST, most + 1) if seconds > _SECONDS_A_BATCH / 2 else min(MOST, most * 2)
