from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.channels.gateway import open_gateway
from bot.console.trying.tools import TOOLS
from tests.support.channel_gateway import ScriptedRasa
from tests.support.console import Desk, console_settings, running_console
from tests.support.regression import StubSubjects

PARSE = {
    "text": "…",
    "intent": {"name": "ask_policy", "confidence": 0.913},
    "intent_ranking": [{"name": "ask_policy", "confidence": 0.913}, {"name": "open_request", "confidence": 0.041}],
    "entities": [],
    "off_topic": 0.07,
}
EVENTS = [
    {"event": "action", "name": "action_session_start"},
    {"event": "user", "text": "…"},
    {"event": "action", "name": "action_answer"},
    {"event": "slot", "name": "request", "value": None},
    {"event": "slot", "name": "answer_context", "value": {"topic": "2-5"}},
    {"event": "action", "name": "action_listen"},
]


class StubRasa:
    """Answers the inspect channel; `heard` is what it was asked, `status` what it says instead when not 200."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.status = 200

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/webhooks/inspect/parse", self._parse)
        app.router.add_get("/webhooks/inspect/conversations/{id}", self._show)
        return app

    async def _parse(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != "Bearer internal":
            return web.Response(status=401)
        self.heard.append((await request.json())["text"])
        return web.json_response(PARSE, status=self.status)

    async def _show(self, _request: web.Request) -> web.Response:
        return web.json_response({"events": EVENTS}, status=self.status)


@pytest.fixture
def rasa() -> StubRasa:
    return StubRasa()


@pytest.fixture
async def desk(database_url: str, rasa: StubRasa) -> AsyncIterator[Desk]:
    async with TestServer(rasa.app()) as server:
        url = str(server.make_url("")).rstrip("/")
        async with running_console(console_settings(database_url, rasa_url=url)) as running:
            yield running


@pytest.fixture
async def talking(desk: Desk, subjects: StubSubjects) -> ScriptedRasa:
    """Where Rasa is called in whole conversations."""
    del subjects
    settings = desk.console.settings
    scripted = ScriptedRasa(settings)
    desk.server.app[TOOLS]._gateway = dataclasses.replace(open_gateway(settings), rasa=scripted)
    return scripted
