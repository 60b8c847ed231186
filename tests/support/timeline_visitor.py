"""A browser without a script at the page of a request, before a gateway whose clock stands where a test puts it."""

from __future__ import annotations

import dataclasses
import io
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import ClientResponse, CookieJar, FormData, web
from aiohttp.test_utils import TestClient, TestServer

from bot.app import build_app
from bot.channels.gateway import open_gateway
from bot.channels.website.access_log import AccessLog
from tests.support.channel_gateway import ScriptedRasa, channel_settings
from tests.support.timeline_cases import Desk

START = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
FETCH = "回答のファイルをお受け取りください。"
JPEG = b"\xff\xd8\xff\xe0 licence"
HANDLE = re.compile(r'name="handle" value="([^"]+)"')
ONCE = re.compile(r'name="once" value="([^"]+)"')
RELEASE = re.compile(r'name="release" value="([^"]+)"')


class SetClock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@dataclasses.dataclass
class Visitor:
    """A browser without a script, at the request's page."""

    client: TestClient[web.Request, web.Application]
    desk: Desk
    clock: SetClock

    async def get(self, path: str) -> ClientResponse:
        return await self.client.get(path, allow_redirects=False)

    async def post(self, path: str, **fields: str) -> ClientResponse:
        return await self.client.post(path, data=fields, allow_redirects=False)

    async def page(self) -> str:
        return await (await self.client.get("/request/case")).text()

    async def ask_for_code(self, number: str) -> str:
        """Sends the number; gives the handle of the form that takes the code."""
        return found(HANDLE, await (await self.post("/request", step="send", number=number)).text())

    async def enter(self, number: str) -> None:
        """Opens the page with a number and a fresh code, a moment later than whatever was before."""
        self.clock.now += timedelta(seconds=1)
        handle = await self.ask_for_code(number)
        response = await self.post("/request", step="code", handle=handle, code=self.desk.newest_code())
        assert (response.status, response.headers["Location"]) == (303, "/request/case")

    async def upload(self, request_id: str, content: bytes, **changes: str) -> ClientResponse:
        form = FormData(quote_fields=False)  # as browsers send it, RFC 7578
        fields = {"request": request_id, "purpose": "evidence"} | changes
        for name, value in fields.items():
            form.add_field(name, value)
        form.add_field("file", io.BytesIO(content), filename="免許証.jpg", content_type="image/jpeg")
        return await self.client.post("/request/case/file", data=form, allow_redirects=False)


def found(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    assert match is not None, text
    return match.group(1)


class visiting:  # noqa: N801 - used like a function
    """A gateway on a database, with a browser at it."""

    def __init__(self, url: str, **changes: Any) -> None:  # noqa: ANN401 - any setting
        self._settings = channel_settings(Path("unused"), **{"database_url": url} | changes)

    async def __aenter__(self) -> Visitor:
        clock = SetClock()
        gateway = dataclasses.replace(open_gateway(self._settings, clock=clock), rasa=ScriptedRasa(self._settings))
        jar = CookieJar(unsafe=True)
        server = TestServer(build_app(gateway))
        await server.start_server(access_log_class=AccessLog)
        self._client = TestClient(server, cookie_jar=jar)
        return Visitor(self._client, Desk(gateway), clock)

    async def __aexit__(self, *_error: object) -> None:
        await self._client.close()
