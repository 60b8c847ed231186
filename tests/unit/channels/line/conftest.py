"""A member of LINE before the gateway, with a clock that a test moves."""

from __future__ import annotations

import asyncio
import dataclasses
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from bot.app import build_app
from tests.support.channel_gateway import channel_settings, scripted_gateway
from tests.support.fake_line import FakeLine
from tests.support.fake_line_checks import Schemas, published_folder
from tests.support.line_phone import LinePhone
from tests.support.web_member import TickingClock


@pytest.fixture(scope="session")
def schemas() -> Schemas:
    return Schemas(published_folder() / "messaging-api.yml")


@asynccontextmanager
async def phone_on(database_url: str, folder: Path) -> AsyncIterator[LinePhone]:
    """A member before a gateway on this database."""
    clock = TickingClock()
    line = FakeLine(clock=lambda: clock.now)
    async with TestServer(line.app()) as server:
        settings = channel_settings(
            folder / "unused.db",
            database_url=database_url,
            line_api_url=str(server.make_url("")).rstrip("/"),
            public_url="https://chat.example.jp",
        )
        gateway, rasa = scripted_gateway(settings)
        gateway = dataclasses.replace(gateway, clock=clock)
        pool = gateway.engine.pool
        async with TestClient(TestServer(build_app(gateway))) as client:
            yield LinePhone(client, gateway, rasa, line, clock)
        # What a cancelled task had begun in a thread gives its connection back after the gateway has closed.
        await asyncio.get_running_loop().shutdown_default_executor()
        pool.dispose()
        gateway.engine.dispose()


@pytest.fixture
async def phone(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[LinePhone]:
    database = tmp_path / "madoguchi.db"
    shutil.copy(sqlite_template, database)
    async with phone_on(f"sqlite:///{database}", tmp_path) as running:
        yield running


@pytest.fixture
async def either_phone(database_url: str, tmp_path: Path) -> AsyncIterator[LinePhone]:
    """As `phone`, on SQLite and on PostgreSQL."""
    async with phone_on(database_url, tmp_path) as running:
        yield running
