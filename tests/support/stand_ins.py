"""Rasa, LINE and Slack on loopback, each in a process of its own: for measurements that they must not disturb."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager

from aiohttp import web

from bot.message import Message, computed, fixed
from tests.support.fake_line import FakeLine
from tests.support.fake_rasa import FakeRasa, Json, said
from tests.support.fake_slack import FakeSlack
from tests.support.product import _free_port

_SPAWN = multiprocessing.get_context("spawn")
_END_SECONDS = 20


def echo(heard: str) -> Message:
    """An answer by which a test knows which turn it answers."""
    return Message(kind="smalltalk", parts=(fixed("受け取りました。"), computed(heard)))


async def echoing(body: Json) -> web.Response:
    """Says of every turn what was heard."""
    return await said(echo(body["message"]))(body)


class Rasa:
    """A stand-in for Rasa that answers every turn after `seconds`; it can be stopped and started again."""

    def __init__(self, *, seconds: float) -> None:
        self._port = _free_port()
        self._seconds = seconds
        self.url = f"http://127.0.0.1:{self._port}"
        self._process = _process(_serve_rasa, self._port, seconds)

    def start(self) -> None:
        self._process = _process(_serve_rasa, self._port, self._seconds)
        self._process.start()

    def stop(self) -> None:
        self._process.kill()
        self._process.join(_END_SECONDS)


@contextmanager
def platforms() -> Iterator[str]:
    """LINE at `/line` and Slack at `/slack` of one address, until the block ends."""
    port = _free_port()
    process = _process(_serve_platforms, port)
    process.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.join(_END_SECONDS)


def _process(serve: object, *arguments: float) -> multiprocessing.process.BaseProcess:
    return _SPAWN.Process(target=serve, args=arguments, daemon=True)  # type: ignore[arg-type]  # any callable


def _serve_rasa(port: int, seconds: float) -> None:
    async def thinking(body: Json) -> web.Response:
        await asyncio.sleep(seconds)
        return await echoing(body)

    rasa = FakeRasa()
    rasa.otherwise = thinking
    _serve(rasa.app(), port)


def _serve_platforms(port: int) -> None:
    both = web.Application()
    both.add_subapp("/line", FakeLine().app())
    both.add_subapp("/slack", FakeSlack().app())
    _serve(both, port)


def _serve(app: web.Application, port: int) -> None:
    web.run_app(app, host="127.0.0.1", port=port, print=None)
