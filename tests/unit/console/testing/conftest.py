from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.console.testing import work
from tests.support.console import Desk, console_settings, running_console
from tests.support.regression import written_set


@pytest.fixture
def sets(tmp_path: Path) -> Path:
    """The folder of the sets, with one in it."""
    written_set(tmp_path / "sets")
    return tmp_path / "sets"


@pytest.fixture
async def desk(database_url: str, sets: Path) -> AsyncIterator[Desk]:
    async with running_console(console_settings(database_url, regression_dir=sets)) as running:
        yield running


async def finished(desk: Desk) -> None:
    """Waits until nothing runs any more."""
    task = desk.console.background.find(work.NAME)
    assert task is not None
    assert await asyncio.to_thread(task.ended.wait, 60)
