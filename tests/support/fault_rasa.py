"""Rasa over HTTP with the real actions behind it, which fails as Rasa fails: before its turn, or after it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from aiohttp import web

from bot.message import Message
from tests.support.talking_rasa import TalkingRasa

Answer = Callable[[list[dict[str, Any]]], web.Response]


def empty(_wire: object) -> web.Response:
    """What Rasa's REST channel answers when a turn crashed, or when its action server is away."""
    return web.json_response([])


def failure(_wire: object) -> web.Response:
    """A failure that Rasa knows of."""
    return web.json_response({"reason": "ConversationError"}, status=500)


def garbage(_wire: object) -> web.Response:
    """Something of which nobody can make anything, said to be JSON."""
    return web.Response(body=b'[{"custom": \xff\x00{{', content_type="application/json")


class FaultyRasa:
    """Leads conversations by `talking`; while `failing` it answers something else, now and then without the turn."""

    def __init__(self, talking: TalkingRasa, chance: random.Random) -> None:
        self._talking = talking
        self._chance = chance
        self._answer: Answer | None = None

    @contextmanager
    def failing(self, answer: Answer) -> Iterator[None]:
        """Fails like this while the block runs."""
        self._answer = answer
        try:
            yield
        finally:
            self._answer = None

    def app(self) -> web.Application:
        """Its routes, as far as the gateway uses them, and those of the action server."""
        app = web.Application()
        app.add_routes(
            [
                web.post("/webhooks/rest/webhook", self._turn),
                web.get("/webhooks/inspect/ready", _ready),
                web.delete("/webhooks/inspect/conversations/{id}", _forget),
            ]
        )
        return app

    async def _turn(self, request: web.Request) -> web.Response:
        body = await request.json()
        failing = self._answer
        # The fault strikes before the turn or after it: in the second case everything is done, and nobody hears of it.
        if failing is not None and self._chance.random() < 0.5:
            return failing([])
        messages = await self._talk(body)
        wire = [{"recipient_id": body["sender"], "custom": message.to_wire()} for message in messages]
        return web.json_response(wire) if failing is None else failing(wire)

    async def _talk(self, body: dict[str, Any]) -> list[Message]:
        door = self._talking.press if body["message"].startswith("/") else self._talking.say
        return await door(body["sender"], body["message"], channel=body["input_channel"])


def actions_app() -> web.Application:
    """What the gateway asks an action server."""
    app = web.Application()
    app.add_routes([web.get("/ready", _actions_ready)])
    return app


async def _ready(_request: web.Request) -> web.Response:
    return web.json_response({"ready": True})


async def _forget(_request: web.Request) -> web.Response:
    return web.json_response({"deleted": 1})


async def _actions_ready(_request: web.Request) -> web.Response:
    return web.json_response({"status": "ready"})
