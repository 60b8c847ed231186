"""Starts the senders of the channels that are switched on, and stops them cleanly."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress

from bot.channels.delivery import Sender, deliver
from bot.channels.gateway import Gateway
from bot.channels.line import holds as line_holds
from bot.channels.line import sender as line_sender
from bot.channels.slack.places import CHANNEL as SLACK
from bot.channels.slack.sender import SlackSender


@asynccontextmanager
async def couriers(gateway: Gateway) -> AsyncIterator[None]:
    """While the block runs, what waits in the outbox for LINE and Slack goes out."""
    async with AsyncExitStack() as stack:
        senders = await _open(gateway, stack)
        delivery = asyncio.create_task(deliver(gateway, senders)) if senders else None
        try:
            yield
        finally:
            if delivery is not None:
                delivery.cancel()
                with suppress(asyncio.CancelledError):
                    await delivery


async def _open(gateway: Gateway, stack: AsyncExitStack) -> dict[str, Sender]:
    senders: dict[str, Sender] = {}
    if gateway.settings.line_channel_secret.get_secret_value():
        line = await stack.enter_async_context(line_sender.open_sender(gateway))
        senders[line_holds.CHANNEL] = line.send
    if gateway.settings.slack_signing_secret.get_secret_value():
        senders[SLACK] = SlackSender(gateway).send
    return senders
