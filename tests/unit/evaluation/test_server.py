from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.errors import UnavailableError
from bot.evaluation.question_sets import Row
from bot.evaluation.server import _run
from bot.evaluation.talking import kinds_of


class Chat:
    """The two calls of the chat API that the runner needs; says how often a conversation was begun."""

    def __init__(self) -> None:
        self.begun = 0

    async def begin(self, _request: web.Request) -> web.Response:
        self.begun += 1
        response = web.json_response({"conversation": "c", "messages": []}, status=201)
        response.set_cookie("chat", str(self.begun))
        return response

    async def post(self, request: web.Request) -> web.Response:
        body = await request.json()
        text = f"{request.cookies['chat']}:{body['text']}"
        return web.json_response({"messages": [{"kind": "answer", "parts": [], "text": text}]})


@pytest.fixture
def chat() -> Chat:
    return Chat()


async def _served(chat: Chat, rows: list[Row]) -> list[dict[str, Any]]:
    app = web.Application()
    app.add_routes([web.post("/api/conversations", chat.begin), web.post("/api/messages", chat.post)])
    async with TestServer(app) as server:
        return [outcome.message for outcome in await _run(str(server.make_url("")).rstrip("/"), rows)]


async def test_only_a_follow_up_continues_the_conversation(chat: Chat) -> None:
    rows = [Row(2, "甲"), Row(3, "乙", kind="followup"), Row(4, "丙")]
    assert [message["text"] for message in await _served(chat, rows)] == ["1:甲", "1:乙", "2:丙"]


async def test_a_server_that_refuses_is_named() -> None:
    async with TestServer(web.Application()) as server:
        with pytest.raises(UnavailableError, match="HTTP 404"):
            await _run(str(server.make_url("")).rstrip("/"), [Row(2, "甲")])


def test_kinds_come_from_requests_and_from_a_bare_status() -> None:
    assert kinds_of([{"kind": "answer"}, {"kind": "request", "request": {"kinds": ["erasure"], "step": "scope"}}]) == [
        "erasure"
    ]
    assert kinds_of([{"kind": "status", "request": {"kinds": [], "step": "details"}}]) == ["status"]
