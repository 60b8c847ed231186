"""An action server that says one fixed text to whatever is asked, in a process of its own."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from aiohttp import web

from bot.message import Message, fixed
from bot.settings import Settings

_ANSWER = Message(kind="smalltalk", parts=(fixed("はい。"),))


@contextmanager
def standing_in(settings: Settings) -> Iterator[None]:
    """It listens where the settings say that the actions do, until the block ends."""
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(settings.actions_url,), daemon=True)
    process.start()
    try:
        yield
    finally:
        process.terminate()
        process.join(20)


def _serve(url: str) -> None:
    app = web.Application(client_max_size=16 * 1024 * 1024)
    app.add_routes([web.post("/webhook", _say), web.get("/ready", _ready)])
    address = urlsplit(url)
    web.run_app(app, host=address.hostname, port=address.port, access_log=None, print=None)


async def _say(_request: web.Request) -> web.Response:
    return web.json_response({"events": [], "responses": [{"custom": _ANSWER.to_wire()}]})


async def _ready(_request: web.Request) -> web.Response:
    return web.json_response({"status": "ready"})
