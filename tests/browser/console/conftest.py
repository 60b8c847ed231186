"""Fixtures: a console that a real browser opens, and whoever works in it."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from bot.staff.roles import Role
from tests.support.browsing import Visitor, visiting
from tests.support.console import Desk, console_settings, running_console

At = Callable[..., AbstractAsyncContextManager[Visitor]]


@pytest_asyncio.fixture(loop_scope="session")
async def desk(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Desk]:
    """A running console on an empty database, with a copy of the corpus."""
    database = tmp_path / "console.db"
    shutil.copy(sqlite_template, database)
    shutil.copytree("policy_corpus", tmp_path / "corpus")
    settings = console_settings(f"sqlite:///{database}", corpus_dir=tmp_path / "corpus", data_dir=tmp_path / "var")
    async with running_console(settings) as running:
        yield running


@pytest.fixture
def at_desk(chromium: Browser, desk: Desk) -> At:
    """Opens a browser in which somebody of a role is logged in."""
    return opener(chromium, desk)


def opener(chromium: Browser, desk: Desk) -> At:
    """What opens browsers at this desk."""

    @asynccontextmanager
    async def opened(role: Role, account_id: str | None = None, **options: Any) -> AsyncIterator[Visitor]:  # noqa: ANN401 - what Playwright takes
        token = await desk.token(role, account_id, sees_sensitive=True)
        url = str(desk.server.make_url("/")).rstrip("/")
        async with visiting(chromium, url, **({"viewport": {"width": 1280, "height": 900}} | options)) as visitor:
            await visitor.context.add_cookies([{"name": "console", "value": token, "url": url}])
            yield visitor

    return opened
