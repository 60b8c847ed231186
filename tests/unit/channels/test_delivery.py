"""How delivery begins to wait, and how it ends."""

import asyncio
import shutil
from pathlib import Path

import pytest

from bot.channels.delivery import deliver
from tests.support.channel_gateway import channel_settings, scripted_gateway


@pytest.mark.parametrize("steps", range(5))
async def test_it_ends_when_a_row_comes_at_the_moment_of_the_end(
    sqlite_template: Path, tmp_path: Path, steps: int
) -> None:
    database = tmp_path / "madoguchi.db"
    shutil.copy(sqlite_template, database)
    gateway, _ = scripted_gateway(channel_settings(database))
    delivery = asyncio.create_task(deliver(gateway, {}))
    await asyncio.sleep(0.01)
    gateway.outbox_filled.set()
    for _ in range(steps):  # the moment that matters lies some steps of the event loop after the row
        await asyncio.sleep(0)
    delivery.cancel()
    finished, _ = await asyncio.wait([delivery], timeout=1)
    assert finished
    await gateway.close()
