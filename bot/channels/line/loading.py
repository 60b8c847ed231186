"""LINE's loading indicator: a courtesy, which never keeps anything waiting and may fail."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.channels.gateway import Gateway
from bot.channels.line.api import LineApi, LineIsAwayError, LineRefusesError
from bot.channels.line.holds import CHANNEL


class Loading:
    """Shows it, beside whatever else goes on."""

    def __init__(self, gateway: Gateway, api: LineApi) -> None:
        self._gateway = gateway
        self._api = api
        self._running: set[asyncio.Task[None]] = set()

    def show(self, user_key: str) -> None:
        """Begins to show that an answer is being made; LINE ends it with our next message."""
        task = asyncio.create_task(self._show(user_key))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def close(self) -> None:
        """Gives up what is still on its way."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _show(self, user_key: str) -> None:
        try:
            await self._api.show_loading(user_key)
        except (LineIsAwayError, LineRefusesError):
            self._gateway.metrics.sent.labels(CHANNEL, "loading_failed").inc()
        else:
            self._gateway.metrics.sent.labels(CHANNEL, "loading").inc()


@asynccontextmanager
async def open_loading(gateway: Gateway, api: LineApi) -> AsyncIterator[Loading]:
    """The indicator of this process."""
    loading = Loading(gateway, api)
    try:
        yield loading
    finally:
        await loading.close()
