"""SQLite's journal holds what was deleted until it is emptied: after each deletion, and again until it succeeds."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func, select, text

from bot.channels.gateway import Gateway
from bot.storage.engine import empty_journal, reading
from bot.storage.models import EMPTIED, GONE, Conversation, Inbound

_AT_LEAST_EVERY = timedelta(minutes=10)


@dataclass
class Journal:
    """Empties the journal: what is deleted by a member's wish is gone from the disk within a round or two.

    A reader that has begun before keeps it from being emptied; then it is tried again in the next round. Whatever else
    is deleted, drafts and the words of one message among it, is gone from the disk ten minutes later.
    """

    gateway: Gateway
    _emptied_at: datetime | None = field(default=None, init=False)

    async def sweep(self) -> None:
        """Empties it if anything was deleted since; on PostgreSQL there is nothing to do."""
        if self.gateway.engine.dialect.name == "sqlite":
            await asyncio.to_thread(self._sweep)

    def _sweep(self) -> None:
        now = self.gateway.clock()
        if self._is_time(now) and empty_journal(self.gateway.engine):
            self._emptied_at = now

    def _is_time(self, now: datetime) -> bool:
        emptied_at = self._emptied_at
        if emptied_at is None or now - emptied_at >= _AT_LEAST_EVERY:
            return True
        controller = self.gateway.controller
        conversation = select(func.max(Conversation.deleted_at)).where(
            Conversation.controller == controller, text(GONE)
        )
        message = select(func.max(Inbound.done_at)).where(Inbound.controller == controller, text(EMPTIED))
        with reading(self.gateway.engine) as session:
            latest = [session.scalar(conversation), session.scalar(message)]
        return any(moment is not None and moment >= emptied_at for moment in latest)
