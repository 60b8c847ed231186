"""Members who ask, wait for the answer and ask again: as many at once as wanted, of our product or of stock Rasa."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp

# Both sides begin a new conversation after as many turns.
TURNS_A_CONVERSATION = 10

Ask = Callable[[str], Awaitable[str]]
"""Sends one text and waits for its whole answer; gives the answer's kind."""

Begin = Callable[[aiohttp.ClientSession], Awaitable[Ask]]
"""Begins a conversation."""


class WrongAnswerError(Exception):
    """There was an answer, but not one that counts."""


@dataclass
class Slice:
    """What came of some time of asking."""

    users: int
    milliseconds: list[float] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    @property
    def per_second(self) -> float:
        """Answered turns a second."""
        return len(self.milliseconds) / self.seconds


def ours(url: str) -> Begin:
    """How a conversation with our product goes, through the chat API and its cookie."""

    async def begin(session: aiohttp.ClientSession) -> Ask:
        async with session.post(f"{url}/api/conversations", json={}) as answer:
            cookie = {name: morsel.value for name, morsel in answer.cookies.items()}

        async def ask(text: str) -> str:
            body = {"id": str(uuid.uuid4()), "text": text}
            async with session.post(f"{url}/api/messages", json=body, cookies=cookie) as answered:
                messages = (await answered.json()).get("messages") or []
            if answered.status != 200 or not messages or messages[0]["kind"] == "error":
                raise WrongAnswerError(f"status {answered.status}, {[each['kind'] for each in messages]}")
            return str(messages[0]["kind"])

        return ask

    return begin


def stock(url: str) -> Begin:
    """How a conversation with stock Rasa goes, through its REST channel."""

    async def begin(session: aiohttp.ClientSession) -> Ask:
        sender = uuid.uuid4().hex

        async def ask(text: str) -> str:
            body = {"sender": sender, "message": text}
            async with session.post(f"{url}/webhooks/rest/webhook", json=body) as answered:
                messages: list[dict[str, Any]] = await answered.json()
            if answered.status != 200 or len(messages) != 1 or "text" not in messages[0]:
                raise WrongAnswerError(f"status {answered.status}, {len(messages)} messages")
            return "fixed"

        return ask

    return begin


async def ask_for(seconds: float, begin: Begin, users: int, texts: Iterator[str]) -> Slice:
    """Lets so many users ask for so long; turns that have begun are waited for.

    What fails is counted apart: a failure may come soon, and would make whoever fails look fast.
    """
    found = Slice(users)
    started = time.perf_counter()
    connector = aiohttp.TCPConnector(limit=0)
    jar = aiohttp.DummyCookieJar()
    async with aiohttp.ClientSession(connector=connector, cookie_jar=jar) as session:

        async def user() -> None:
            while time.perf_counter() - started < seconds:
                ask = await begin(session)
                for _ in range(TURNS_A_CONVERSATION):
                    begun = time.perf_counter()
                    try:
                        found.kinds[await ask(next(texts))] += 1
                        found.milliseconds.append((time.perf_counter() - begun) * 1000)
                    except WrongAnswerError as error:
                        found.failures[str(error)] += 1
                    if time.perf_counter() - started > seconds:
                        return

        await asyncio.gather(*(user() for _ in range(users)))
    found.seconds = time.perf_counter() - started
    return found
