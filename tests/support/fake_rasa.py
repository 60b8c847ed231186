"""A stand-in for Rasa on a loopback port: answers as scripted, and remembers what it was told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from bot.message import Message, fixed

Json = dict[str, Any]
Turn = Callable[[Json], Awaitable[web.Response]]


def said(*messages: Message) -> Turn:
    """Answers with these Messages, as Rasa's REST channel wraps them."""

    async def turn(body: Json) -> web.Response:
        return web.json_response([{"recipient_id": body["sender"], "custom": one.to_wire()} for one in messages])

    return turn


def plain(text: str = "はい。") -> Turn:
    return said(Message(kind="smalltalk", parts=(fixed(text),)))


def raw(body: object, *, status: int = 200) -> Turn:
    """Answers with any JSON: an empty list, bare texts, an error."""

    async def turn(_body: Json) -> web.Response:
        return web.json_response(body, status=status)

    return turn


def after(moment: asyncio.Event, turn: Turn) -> Turn:
    """Answers only when `moment` comes."""

    async def wait(body: Json) -> web.Response:
        await moment.wait()
        return await turn(body)

    return wait


@dataclass
class FakeRasa:
    """`turns` are used up one by one; after them, and without any, `otherwise` answers."""

    otherwise: Turn = field(default_factory=plain)
    turns: list[Turn] = field(default_factory=list)
    heard: list[Json] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)
    busy: set[str] = field(default_factory=set)
    overlaps: int = 0
    ready: Json = field(default_factory=lambda: {"ready": True})

    @property
    def texts(self) -> list[str]:
        return [body["message"] for body in self.heard]

    def app(self) -> web.Application:
        app = web.Application()
        app.add_routes(
            [
                web.post("/webhooks/rest/webhook", self._turn),
                web.get("/webhooks/inspect/ready", self._ready),
                web.delete("/webhooks/inspect/conversations/{id}", self._forget),
                web.get("/ready", self._actions_ready),
            ]
        )
        return app

    async def _turn(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.heard.append(body)
        self.overlaps += body["sender"] in self.busy
        self.busy.add(body["sender"])
        try:
            return await (self.turns.pop(0) if self.turns else self.otherwise)(body)
        finally:
            self.busy.discard(body["sender"])

    async def _ready(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != "Bearer internal":
            return web.json_response({}, status=401)
        return web.json_response(self.ready, status=200 if self.ready["ready"] else 503)

    async def _forget(self, request: web.Request) -> web.Response:
        self.forgotten.append(request.match_info["id"])
        return web.json_response({"deleted": 1})

    async def _actions_ready(self, _request: web.Request) -> web.Response:
        return web.json_response({"status": "ready"})
