"""A gateway between a fake Rasa and a test's HTTP client, and a member who uses it."""

from __future__ import annotations

import base64
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer
from pydantic import SecretStr

from bot.app import build_app
from bot.channels.gateway import Gateway, open_gateway
from bot.settings import Settings
from tests.support.fake_rasa import FakeRasa

Json = dict[str, Any]
Client = TestClient[web.Request, web.Application]


@dataclass
class TickingClock:
    """Goes on a millisecond each time it is read, and as far as a test likes in between."""

    now: datetime = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now

    def pass_time(self, **amount: float) -> None:
        self.now += timedelta(**amount)


@dataclass
class Desk:
    """One running gateway with all that a test looks at."""

    gateway: Gateway
    rasa: FakeRasa
    rasa_server: TestServer
    clock: TickingClock
    database: Path
    client: Client = field(init=False)

    async def member(self) -> WebMember:
        """A new member with a session of their own."""
        member = WebMember(self.client)
        await member.begin()
        return member


class WebMember:
    """Speaks to the API with one cookie."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.cookie: dict[str, str] = {}
        self.conversation = ""
        self.notice: Json = {}

    async def begin(self) -> None:
        self._client.session.cookie_jar.clear()
        response = await self._client.post("/api/conversations", json={})
        assert response.status == 201
        self.cookie = {"chat": response.cookies["chat"].value}
        self._client.session.cookie_jar.clear()
        body = await response.json()
        self.conversation, [self.notice] = body["conversation"], body["messages"]

    async def send(self, *, key: str | None = None, **content: str) -> list[Json]:
        response = await self.post(key=key, **content)
        assert response.status == 200, await response.text()
        messages: list[Json] = (await response.json())["messages"]
        return messages

    async def post(self, *, key: str | None = None, **content: str) -> ClientResponse:
        body = {"id": key or str(uuid.uuid4()), **content}
        return await self._client.post("/api/messages", json=body, cookies=self.cookie)

    async def history(self) -> list[Json]:
        response = await self._client.get("/api/messages", cookies=self.cookie)
        messages: list[Json] = (await response.json())["messages"]
        return messages

    async def delete(self) -> ClientResponse:
        return await self._client.delete("/api/conversations/current", cookies=self.cookie)


def web_settings(database_url: str, **changes: Any) -> Settings:  # noqa: ANN401 - any setting
    values: Json = {
        "database_url": database_url,
        "encryption_key": SecretStr(base64.b64encode(b"e" * 32).decode()),
        "hash_key": SecretStr(base64.b64encode(b"h" * 32).decode()),
        "internal_token": SecretStr("internal"),
        "rasa_timeout": 5.0,
    }
    return Settings(_env_file=None, **(values | changes))


@asynccontextmanager
async def running_desk(
    database: Path,
    *,
    url: str = "",
    beside: Sequence[Settings] = (),
    **changes: Any,  # noqa: ANN401 - any setting
) -> AsyncIterator[Desk]:
    rasa = FakeRasa()
    server = TestServer(rasa.app())
    async with server:
        rasa_url = str(server.make_url("")).rstrip("/")
        settings = web_settings(url or f"sqlite:///{database}", rasa_url=rasa_url, actions_url=rasa_url, **changes)
        clock = TickingClock()
        desk = Desk(open_gateway(settings, clock=clock, served=(settings, *beside)), rasa, server, clock, database)
        async with TestClient(TestServer(build_app(desk.gateway))) as desk.client:
            yield desk
