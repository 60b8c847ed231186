from __future__ import annotations

import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, cast

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from actions import server
from actions.served import Served
from actions.server import TOKEN_HEADER, build_app
from actions.services import Services
from bot.policy.assistant import Assistant
from bot.settings import Settings

CALL = {
    "next_action": "action_smalltalk",
    "sender_id": "c",
    "tracker": {
        "sender_id": "c",
        "slots": {"request": None, "answer_context": None},
        "latest_message": {"text": "こんにちは", "intent": {"name": "greet"}, "entities": [], "message_id": "m"},
        "events": [],
    },
}

Client = TestClient[web.Request, web.Application]


@pytest.fixture
async def client(services: Services) -> AsyncIterator[Client]:
    async with TestClient(TestServer(build_app(Served(services)))) as made:
        yield made


async def test_with_the_secret_it_runs_the_action(client: Client) -> None:
    answer = await client.post("/webhook", json=CALL, headers={TOKEN_HEADER: "secret"})
    assert answer.status == 200
    result = await answer.json()
    assert result["events"] == []
    assert result["responses"][0]["custom"]["kind"] == "smalltalk"


@pytest.mark.parametrize("headers", [{}, {TOKEN_HEADER: ""}, {TOKEN_HEADER: "Secret"}, {TOKEN_HEADER: "秘密"}])
async def test_without_it_nobody_is_served(client: Client, headers: dict[str, str]) -> None:
    answer = await client.post("/webhook", json=CALL, headers=headers)
    assert answer.status == 401
    assert await answer.json() == {"error": "unauthorised"}


async def test_an_empty_secret_opens_nothing(settings: Settings) -> None:
    unset = settings.model_copy(update={"internal_token": type(settings.internal_token)("")})
    # Nothing is to be loaded here.
    services = Services(unset, open_assistant=lambda *_: cast(Assistant, object()))
    async with TestClient(TestServer(build_app(Served(services)))) as client:
        answer = await client.post("/webhook", json=CALL, headers={TOKEN_HEADER: ""})
        assert answer.status == 401
    services.engine.dispose()


@pytest.mark.parametrize("body", [b"no json", b"[1]", b'"text"'])
async def test_what_is_no_call_is_refused_without_an_echo(client: Client, body: bytes) -> None:
    answer = await client.post("/webhook", data=body, headers={TOKEN_HEADER: "secret"})
    assert answer.status == 400
    assert set(await answer.json()) == {"error"}


async def test_an_unknown_action_is_named(client: Client) -> None:
    answer = await client.post("/webhook", json=CALL | {"next_action": "x"}, headers={TOKEN_HEADER: "secret"})
    assert answer.status == 404
    assert await answer.json() == {"error": "unknown action", "action_name": "x"}


async def test_health_needs_no_secret_and_ready_tells_when_it_is_warm(client: Client, services: Services) -> None:
    assert (await client.get("/health")).status == 200
    assert (await client.get("/ready")).status == 200
    services.releases._opened = None
    ready: Callable[[], Awaitable[Any]] = (await client.get("/ready")).json
    assert await ready() == {"status": "warming"}


async def test_the_first_message_tells_staff_how_the_turn_was_understood(client: Client) -> None:
    answer = await client.post("/webhook", json=CALL, headers={TOKEN_HEADER: "secret"})
    first, *rest = [one["custom"].get("trace", {}) for one in (await answer.json())["responses"]]
    dialogue = first["dialogue"]
    assert (dialogue["intent"], dialogue["action"], dialogue["pressed"]) == ("greet", "action_smalltalk", False)
    assert dialogue["ms"] >= 0
    assert not any("dialogue" in trace for trace in rest)


def test_a_warm_server_puts_back_what_goes_wrong_with_its_index(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "_RETRY_SECONDS", 0.01)
    place, is_over = tmp_path / "index" / "sentences.faiss", threading.Event()
    services._index_files.add({place: b"vectors"})
    keeping = threading.Thread(target=server._warm, args=(services, is_over))
    keeping.start()
    try:
        deadline = time.monotonic() + 30
        while not place.is_file():
            assert time.monotonic() < deadline
            time.sleep(0.01)
    finally:
        is_over.set()
        keeping.join()
    assert place.read_bytes() == b"vectors"
