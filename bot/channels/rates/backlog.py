"""How many turns may wait: beyond that, a message is better refused at once than stored and left for minutes."""

from __future__ import annotations

import asyncio

from bot.channels.gateway import Gateway
from bot.errors import UnavailableError
from bot.storage import inbox
from bot.storage.engine import reading


class TooManyTurnsWaitError(UnavailableError):
    """The installation has more turns to answer than it can in a time that a member would wait."""


async def expect_room(gateway: Gateway) -> None:
    """For the web chat, where whoever is refused still has their words before them, and can send them again.

    What LINE and Slack bring is stored and acknowledged all the same: nobody would send that again.

    Raises:
        TooManyTurnsWaitError: as many turns wait as may, over all channels and processes.
    """
    most = gateway.settings.most_turns_waiting
    if most and await asyncio.to_thread(_waiting, gateway) >= most:
        raise TooManyTurnsWaitError(f"{most} turns wait for an answer")


def _waiting(gateway: Gateway) -> int:
    with reading(gateway.engine) as session:
        return inbox.count_waiting(session)
