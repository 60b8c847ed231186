from __future__ import annotations

import asyncio
import contextlib
import socket
import sqlite3
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
import sqlalchemy as sa
from rasa.core.lock_store import InMemoryLockStore
from rasa.core.tracker_store import FailSafeTrackerStore, InMemoryTrackerStore, SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import RasaException
from sanic import Sanic
from sanic.touchup.service import TouchUp

from bot.components import conversations, quiet, speedups
from bot.components.inspect import InspectChannel

TOKEN = "a token of this test"
# SQLite's driver waits for so long by itself.
_PATIENCE_OF_A_TURN = 5.0
WORDS = "消してほしい言葉"
# The few parts of Rasa's agent that the channel uses, with real stores; the whole of Rasa is tested elsewhere.
StandIn = Any
Talk = Callable[[aiohttp.ClientSession, str], Awaitable[None]]


@pytest.fixture
def agent(tmp_path: Path) -> StandIn:
    async def parse_message(text: str) -> dict[str, Any]:
        return {"text": text, "intent": {"name": "greet", "confidence": 1.0}}

    store = SQLTrackerStore(Domain.empty(), dialect="sqlite", db=str(tmp_path / "tracker.db"))
    return SimpleNamespace(
        tracker_store=FailSafeTrackerStore(store),
        lock_store=InMemoryLockStore(),
        model_id="model",
        is_ready=lambda: True,
        parse_message=parse_message,
    )


def _serve(agent: StandIn, talk: Talk) -> None:
    """Runs the channel on a real server on a free port while `talk` speaks to it."""

    async def run() -> None:
        Sanic._app_registry.clear()
        app = Sanic("inspect_test", configure_logging=False)
        app.blueprint(InspectChannel(TOKEN).blueprint(_no_message), url_prefix="/webhooks/inspect")
        app.ctx.agent = agent
        door = socket.create_server(("127.0.0.1", 0))
        server: Any = await app.create_server(sock=door, return_asyncio_server=True, access_log=False)
        await server.startup()
        # Sanic rewrites its own methods when the first server starts, and fails when it has to do so again.
        TouchUp.run = _nothing_left_to_rewrite  # type: ignore[method-assign] # for this process only
        port = door.getsockname()[1]
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with aiohttp.ClientSession(headers=headers) as session:
            await talk(session, f"http://127.0.0.1:{port}/webhooks/inspect")
        server.close()

    asyncio.run(run())


def _nothing_left_to_rewrite(_app: Sanic) -> None:
    """Stands in for what Sanic does only once in a process."""


async def _no_message(_message: object) -> None:
    raise AssertionError("this channel never speaks to the dialogue")


async def _converse(agent: StandIn, conversation: str) -> None:
    tracker = DialogueStateTracker.from_events(conversation, [UserUttered(WORDS), UserUttered(WORDS)])
    await agent.tracker_store.save(tracker)


@pytest.mark.parametrize("given", [None, "", "Bearer", "Bearer wrong", TOKEN])
def test_every_route_wants_the_token(agent: StandIn, given: str | None) -> None:
    async def talk(session: aiohttp.ClientSession, base: str) -> None:
        headers = {"Authorization": given or ""}
        for method, route in (
            ("GET", "/ready"),
            ("POST", "/parse"),
            ("GET", "/conversations/abc"),
            ("DELETE", "/conversations/abc"),
            ("DELETE", "/conversations/abc/turns/t1"),
        ):
            async with session.request(method, base + route, headers=headers) as answer:
                assert answer.status == 401

    _serve(agent, talk)


def test_ready_when_model_and_store_are(agent: StandIn) -> None:
    async def talk(session: aiohttp.ClientSession, base: str) -> None:
        async with session.get(base + "/ready") as answer:
            assert (answer.status, await answer.json()) == (200, {"ready": True, "model": "model"})
        agent.is_ready = lambda: False
        async with session.get(base + "/ready") as answer:
            assert (answer.status, (await answer.json())["reason"]) == (503, "no model is loaded")

    _serve(agent, talk)


def test_parse_keeps_nothing(agent: StandIn) -> None:
    async def talk(session: aiohttp.ClientSession, base: str) -> None:
        async with session.post(base + "/parse", json={"text": "こんにちは"}) as answer:
            assert (await answer.json())["intent"]["name"] == "greet"
        for nothing in ({}, {"text": " "}, {"text": 3}):
            async with session.post(base + "/parse", json=nothing) as answer:
                assert answer.status == 400
        assert list(await agent.tracker_store.keys()) == []

    _serve(agent, talk)


def test_nothing_of_it_is_left_in_a_write_ahead_log(agent: StandIn, tmp_path: Path) -> None:
    database = tmp_path / "tracker.db"
    escaped = WORDS.encode("unicode_escape")
    with contextlib.closing(sqlite3.connect(str(database))) as other:
        other.execute("PRAGMA journal_mode=WAL")

        def holding() -> list[str]:
            return [path.name for path in tmp_path.glob("tracker.db*") if escaped in path.read_bytes()]

        async def run() -> int:
            await _converse(agent, "abc")
            assert holding()
            return await conversations.delete(agent, "abc")

        assert asyncio.run(run()) > 0
        assert holding() == []


def test_a_conversation_is_shown_and_deleted_whole(agent: StandIn, tmp_path: Path) -> None:
    async def talk(session: aiohttp.ClientSession, base: str) -> None:
        await _converse(agent, "abc")
        await _converse(agent, "other")
        async with session.get(base + "/conversations/abc") as answer:
            assert [event["text"] for event in (await answer.json())["events"]] == [WORDS, WORDS]
        async with session.delete(base + "/conversations/abc") as answer:
            assert await answer.json() == {"deleted": 2}
        async with session.get(base + "/conversations/abc") as answer:
            assert answer.status == 404
        assert list(await agent.tracker_store.keys()) == ["other"]
        async with session.delete(base + "/conversations/other") as answer:
            assert await answer.json() == {"deleted": 2}

    _serve(agent, talk)
    escaped = WORDS.encode("unicode_escape")
    assert escaped not in (tmp_path / "tracker.db").read_bytes(), "deleted words stay in the file"


def test_the_words_of_one_turn_are_blanked_and_the_conversation_goes_on(agent: StandIn, tmp_path: Path) -> None:
    parse: Any = {"intent": {"name": "ask"}, "entities": [{"entity": "x", "value": WORDS}], "text_tokens": [[0, 8]]}
    first = UserUttered(WORDS, parse_data=parse | {"text": WORDS}, metadata={"turn": "t1"})
    others = [UserUttered("のこる言葉", metadata={"turn": "t2"}), UserUttered("/press")]

    async def talk(session: aiohttp.ClientSession, base: str) -> None:
        await agent.tracker_store.save(DialogueStateTracker.from_events("abc", [first, *others]))
        async with session.delete(base + "/conversations/abc/turns/t1") as answer:
            assert await answer.json() == {"blanked": 1}
        async with session.delete(base + "/conversations/abc/turns/unknown") as answer:
            assert await answer.json() == {"blanked": 0}
        tracker = await agent.tracker_store.retrieve_full_tracker("abc")
        assert [event.text for event in tracker.events] == ["", "のこる言葉", "/press"]
        assert (tracker.events[0].intent_name, tracker.events[0].entities) == ("ask", [])
        tracker.update(UserUttered("さらに"))
        await agent.tracker_store.save(tracker)
        async with session.get(base + "/conversations/abc") as answer:
            assert len((await answer.json())["events"]) == 4

    _serve(agent, talk)
    assert WORDS.encode("unicode_escape") not in (tmp_path / "tracker.db").read_bytes()


def test_deleting_waits_for_the_turn_in_flight(agent: StandIn) -> None:
    async def turn() -> None:
        await _converse(agent, "abc")
        async with agent.lock_store.lock("abc"):
            deletion = asyncio.ensure_future(conversations.delete(agent, "abc"))
            await asyncio.sleep(0)
            assert not deletion.done()
        assert await deletion == 2

    asyncio.run(turn())


def test_the_copy_of_the_memory_fallback_goes_too(agent: StandIn) -> None:
    async def turn() -> None:
        fallback = agent.tracker_store.fallback_tracker_store
        assert isinstance(fallback, InMemoryTrackerStore)
        await fallback.save(DialogueStateTracker.from_events("abc", [UserUttered(WORDS)]))
        await conversations.delete(agent, "abc")
        assert list(await fallback.keys()) == []

    asyncio.run(turn())


def test_a_store_that_cannot_be_written_is_a_fault(agent: StandIn) -> None:
    assert conversations.write_fault(agent) is None
    with agent.tracker_store._tracker_store.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE events")
    fault = conversations.write_fault(agent)
    assert fault == "the tracker store cannot be written: OperationalError"


def test_a_lock_is_told_of_sooner_than_a_turn_gives_up(agent: StandIn, tmp_path: Path) -> None:
    # As it is in a server: the connection that the probe had is the next turn's.
    store = agent.tracker_store._tracker_store
    store.engine = sa.create_engine(store.engine.url, poolclass=sa.pool.QueuePool, pool_size=1)
    with contextlib.closing(sqlite3.connect(tmp_path / "tracker.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        begun = time.monotonic()
        assert conversations.write_fault(agent) == "the tracker store cannot be written: OperationalError"
        assert time.monotonic() - begun < _PATIENCE_OF_A_TURN
        other.execute("ROLLBACK")
    with store.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 1000 * _PATIENCE_OF_A_TURN
    assert conversations.write_fault(agent) is None
    store.engine.dispose()


def test_the_probe_leaves_no_row(agent: StandIn) -> None:
    conversations.write_fault(agent)
    assert asyncio.run(agent.tracker_store.keys()) == []


def test_a_store_in_memory_is_a_fault(agent: StandIn) -> None:
    agent.tracker_store = FailSafeTrackerStore(InMemoryTrackerStore(Domain.empty()))
    assert conversations.write_fault(agent) == "the tracker store is not a database"


@pytest.mark.parametrize("credentials", [None, {}, {"token": ""}])
def test_without_a_token_there_is_no_channel(credentials: dict[str, Any] | None) -> None:
    with pytest.raises(RasaException):
        InspectChannel.from_credentials(credentials)


def test_opening_the_channel_prepares_rasa(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[str] = []
    monkeypatch.setattr(quiet, "install", lambda: called.append("quiet"))
    monkeypatch.setattr(speedups, "install", lambda: called.append("speedups"))
    assert InspectChannel.from_credentials({"token": TOKEN}).name() == "inspect"
    assert called == ["quiet", "speedups"]
