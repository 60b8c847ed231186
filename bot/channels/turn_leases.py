"""The lease of a conversation: whoever holds it is alone at its turns, and whoever dies with it soon gives way.

It is short, and prolonged for as long as its holder lives, because a turn may take much longer than a member should
wait for a process that is gone.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog

from bot.channels.gateway import Gateway
from bot.channels.leasing import HeldLease, LeaseIsTakenError, alone
from bot.errors import UnavailableError

log = structlog.get_logger()

LEASE_SECONDS = 10.0
"""After how long without a sign of life another process thinks that the holder died."""

# A database that stands still for a moment, or a busy machine, may swallow two signs of life and not yet the lease.
_SIGNS_A_LEASE = 4


def turn_lease(conversation_id: str) -> str:
    """The name of the lease under which a conversation's turns are run."""
    return f"conversation:{conversation_id}"


@asynccontextmanager
async def alone_in(gateway: Gateway, conversation_id: str, *, patience: float) -> AsyncIterator[HeldLease]:
    """Holds the lease of this conversation while the block runs, however long that is.

    Args:
        gateway: whose database decides.
        conversation_id: whose turns are run, or deleted.
        patience: how many seconds to wait for the present holder.

    Raises:
        LeaseIsTakenError: somebody else has it, and kept it longer than our patience.
    """
    async with alone(gateway, turn_lease(conversation_id), seconds=LEASE_SECONDS, patience=patience) as lease:
        is_over = asyncio.Event()
        showing = asyncio.create_task(_show_life(lease, is_over))
        try:
            yield lease
        finally:
            is_over.set()
            # It ends by itself: a thread that was left behind would still be at the database.
            await asyncio.shield(showing)


async def _show_life(lease: HeldLease, is_over: asyncio.Event) -> None:
    while not await _is_set_within(is_over, lease.seconds / _SIGNS_A_LEASE):
        try:
            await asyncio.to_thread(lease.show_life)
        except LeaseIsTakenError:
            return  # the block finds it out by itself, before it keeps anything
        except UnavailableError as error:
            log.warning("lease_not_prolonged", lease=lease.name, error=type(error).__name__)


async def _is_set_within(event: asyncio.Event, seconds: float) -> bool:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
    return event.is_set()
