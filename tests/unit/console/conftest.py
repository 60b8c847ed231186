"""Fixtures: a console on SQLite and on PostgreSQL, and what stands in for that which it tries out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import cast

import pytest

from bot.console.trying.tools import TOOLS
from bot.evaluation.runs.subjects import Subjects
from tests.support.console import Desk, console_settings, running_console
from tests.support.regression import StubSubjects


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[Desk]:
    """A running console on a migrated, empty database."""
    async with running_console(console_settings(database_url)) as running:
        yield running


@pytest.fixture
async def subjects(desk: Desk) -> StubSubjects:
    """Whom the rooms 試す and 回帰テスト ask, put in the place of the real ones."""
    stub = StubSubjects()
    desk.server.app[TOOLS].subjects = cast("Subjects", stub)
    return stub
