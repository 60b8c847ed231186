"""Members who go on asking and filing while processes die: each turn until its answer is there, under one id."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from bench.questions import QUESTIONS

Json = dict[str, Any]

TURNS_A_CONVERSATION = 8
_AGAIN_SECONDS = 0.5
_ANSWER_SECONDS = 300.0
_WISH = "自分の個人情報を開示してください"
_PRESSES = 3
_AWAY = {502, 503, 504}


@dataclass
class Turn:
    """One turn of a member, from its first sending to its answer.

    Attributes:
        begun: when it was sent first.
        seconds: how long its answer took.
        refused: how often nobody took it: no connection, or a proxy that had nobody.
        apologies: how often it was told that it is kept and tried again.
        answer: what was told at last.
    """

    begun: float
    seconds: float = 0.0
    refused: int = 0
    apologies: int = 0
    answer: list[Json] = field(default_factory=list)


@dataclass
class Load:
    """So many members at once, who pause between their turns; `in_flight` are those who wait for an answer now."""

    url: str
    members: int
    pause: float
    turns: list[Turn] = field(default_factory=list)
    receipts: list[str] = field(default_factory=list)
    conversations: int = 0
    in_flight: int = 0
    faults: list[str] = field(default_factory=list)

    async def run(self, is_over: asyncio.Event) -> None:
        """Lets them begin one conversation after the other; ends when each that was begun has been looked through."""
        timeout = aiohttp.ClientTimeout(total=60, sock_connect=5)
        connector = aiohttp.TCPConnector(limit=0, force_close=True)
        jar = aiohttp.DummyCookieJar()
        async with aiohttp.ClientSession(timeout=timeout, connector=connector, cookie_jar=jar) as session:
            await asyncio.gather(*(self._member(session, number, is_over) for number in range(self.members)))

    def of(self, begun: float, ended: float) -> list[Turn]:
        """The turns that were under way at any moment of this time."""
        return [turn for turn in self.turns if turn.begun < ended and turn.begun + turn.seconds > begun]

    async def _member(self, session: aiohttp.ClientSession, number: int, is_over: asyncio.Event) -> None:
        texts = _from(number)
        await asyncio.sleep(self.pause * number / self.members)
        while not is_over.is_set():
            talk = _Talk(self, session)
            await talk.begin()
            await talk.file()
            while len(talk.turns) < TURNS_A_CONVERSATION and not is_over.is_set():
                await talk.turn({"text": next(texts)})
            await talk.look_through()


@dataclass
class _Talk:
    load: Load
    session: aiohttp.ClientSession
    cookies: dict[str, str] = field(default_factory=dict)
    turns: list[Turn] = field(default_factory=list)

    async def begin(self) -> None:
        told = Turn(time.monotonic())
        while not self.cookies:
            try:
                async with self.session.post(f"{self.load.url}/api/conversations", json={}) as response:
                    if response.status == 201:
                        self.cookies = {name: morsel.value for name, morsel in response.cookies.items()}
                        break
                    assert response.status in _AWAY, response.status
            except (aiohttp.ClientError, TimeoutError):
                pass
            told.refused += 1
            await asyncio.sleep(_AGAIN_SECONDS)
        told.seconds = time.monotonic() - told.begun
        self.load.turns.append(told)
        self.load.conversations += 1

    async def file(self) -> None:
        """Says a wish and presses what goes on until there is a receipt."""
        turn = await self.turn({"text": _WISH})
        for _ in range(_PRESSES):
            choices = [choice for message in turn.answer for choice in message.get("choices", ())]
            if not choices:
                break
            turn = await self.turn({"choice": choices[0]["id"]})
            if numbers := [message["receipt"]["number"] for message in turn.answer if "receipt" in message]:
                self.load.receipts += numbers
                return
        self.load.faults.append("a wish came to no receipt")

    async def turn(self, content: Json) -> Turn:
        turn = Turn(time.monotonic())
        body = {"id": str(uuid.uuid4()), **content}
        while not await self._try(turn, body):
            assert time.monotonic() - turn.begun < _ANSWER_SECONDS, "a turn was not answered"
            await asyncio.sleep(_AGAIN_SECONDS)
        turn.seconds = time.monotonic() - turn.begun
        self.turns.append(turn)
        self.load.turns.append(turn)
        await asyncio.sleep(self.load.pause)
        return turn

    async def _try(self, turn: Turn, body: Json) -> bool:
        self.load.in_flight += 1
        try:
            return await self._is_answered(turn, body)
        finally:
            self.load.in_flight -= 1

    async def _is_answered(self, turn: Turn, body: Json) -> bool:
        try:
            async with self.session.post(f"{self.load.url}/api/messages", json=body, cookies=self.cookies) as response:
                if response.status in _AWAY:
                    turn.refused += 1
                    return False
                assert response.status == 200, await response.text()
                turn.answer = (await response.json())["messages"]
        except (aiohttp.ClientError, TimeoutError):
            turn.refused += 1
            return False
        # While it is in flight for longer than a page waits, there is nothing yet.
        is_kept = bool(turn.answer) and all(message["kind"] == "error" for message in turn.answer)
        turn.apologies += is_kept
        return bool(turn.answer) and not is_kept

    async def look_through(self) -> None:
        """Whether the conversation, as it is kept, has each turn once, with the answer that was told and no other."""
        while True:
            try:
                async with self.session.get(f"{self.load.url}/api/messages", cookies=self.cookies) as response:
                    if response.status == 200:
                        history: list[Json] = (await response.json())["messages"]
                        break
            except (aiohttp.ClientError, TimeoutError):
                pass
            await asyncio.sleep(_AGAIN_SECONDS)
        kept = list(_answers(history))
        told = [[message["text"] for message in turn.answer] for turn in self.turns]
        if kept != told:
            self.load.faults.append(f"kept {kept}, told {told}")


def _answers(history: list[Json]) -> Iterator[list[str]]:
    """What followed each line of the member, without what was told of failures."""
    answer: list[str] | None = None
    for message in history:
        if message["kind"] == "member":
            if answer is not None:
                yield answer
            answer = []
        elif answer is not None and message["kind"] != "error":
            answer.append(message["text"])
    if answer is not None:
        yield answer


def _from(number: int) -> Iterator[str]:
    while True:
        yield QUESTIONS[number % len(QUESTIONS)]
        number += 1
