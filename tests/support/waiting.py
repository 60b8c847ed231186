"""Waiting for what another process or a database will show."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

_LOOK_SECONDS = 0.01


async def until(holds: Callable[[], bool], seconds: float = 30) -> None:
    """Looks until it holds.

    Raises:
        TimeoutError: it does not come to that.
    """
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 - what is looked at sets no events
            await asyncio.sleep(_LOOK_SECONDS)
