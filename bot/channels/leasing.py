"""Doing something alone, among all processes: a lease held for as long as a block runs."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import monotonic

from sqlalchemy import event
from sqlalchemy.orm import Session

from bot.channels.gateway import Gateway
from bot.errors import UnavailableError
from bot.storage import leases
from bot.storage.engine import transaction

_POLL_SECONDS = 0.05

# A lease that was prolonged so lately is not prolonged again: every prolongation is a commit, and those who use a
# lease reckon with this much less of it.
_FRESH_SECONDS = 5.0


class LeaseIsTakenError(UnavailableError):
    """Somebody else is doing this now."""


@dataclass
class HeldLease:
    """A lease in our hands, unless we took longer than we said, or gave it back."""

    gateway: Gateway
    name: str
    holder: str
    seconds: float
    is_released: bool = field(default=False, init=False)
    _prolonged_at: float = field(default=float("-inf"), init=False)

    def renew_in(self, session: Session) -> None:
        """Makes sure, inside this transaction, that the lease is still ours, and prolongs it.

        Raises:
            LeaseIsTakenError: it ran out and another holder has it; what we were doing is theirs to do.
        """
        now = self.gateway.clock()
        owner = self.gateway.controller
        if not leases.acquire(session, self.name, controller=owner, holder=self.holder, now=now, seconds=self.seconds):
            raise LeaseIsTakenError(f"the lease {self.name} is another's by now")

    def release_in(self, session: Session) -> None:
        """Gives it back with this transaction, once it has committed."""
        leases.release(session, self.name, holder=self.holder)
        event.listen(session, "after_commit", self._note_release, once=True)

    def prolong(self) -> None:
        """As `renew_in`, in a transaction of its own."""
        begun = monotonic()
        with transaction(self.gateway.engine, passing=True) as session:
            self.renew_in(session)
        self._prolonged_at = begun

    def show_life(self) -> None:
        """Prolongs it if it is still ours, and never takes it anew: it may just have been given back.

        Raises:
            LeaseIsTakenError: it is not ours any more.
        """
        now = self.gateway.clock()
        with transaction(self.gateway.engine, passing=True) as session:
            if not leases.prolong(session, self.name, holder=self.holder, now=now, seconds=self.seconds):
                raise LeaseIsTakenError(f"the lease {self.name} is not ours any more")

    def renew(self) -> None:
        """Makes sure that nearly all of its time is left; asks the database only if some of it has gone by."""
        if monotonic() - self._prolonged_at > _FRESH_SECONDS:
            self.prolong()

    def release(self) -> None:
        """Gives it back, unless that was done."""
        if not self.is_released:
            with transaction(self.gateway.engine, passing=True) as session:
                self.release_in(session)

    def _note_release(self, _session: Session) -> None:
        self.is_released = True


@asynccontextmanager
async def alone(gateway: Gateway, name: str, *, seconds: float, patience: float = 0.0) -> AsyncIterator[HeldLease]:
    """Holds the lease `name` while the block runs.

    Args:
        gateway: whose database decides.
        name: what is done alone.
        seconds: after which time without renewal another may take over.
        patience: how long to wait for the present holder.

    Raises:
        LeaseIsTakenError: somebody else has it, and kept it longer than our patience.
    """
    lease = HeldLease(gateway, name, secrets.token_hex(16), seconds)
    deadline = asyncio.get_running_loop().time() + patience
    while True:
        try:
            await asyncio.to_thread(lease.prolong)
            break
        except LeaseIsTakenError:
            if asyncio.get_running_loop().time() >= deadline:
                raise
            await asyncio.sleep(_POLL_SECONDS)
    try:
        yield lease
    finally:
        # Even a cancelled block gives its lease back, or the next one would wait for it to run out.
        await asyncio.shield(asyncio.to_thread(lease.release))
