"""Holds conversations over the chat API of a running server."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from typing import Any

import aiohttp

from bot.errors import UnavailableError
from bot.evaluation.outcomes import Outcome
from bot.evaluation.question_sets import Row
from bot.evaluation.talking import Said, talk_through

_TIMEOUT = aiohttp.ClientTimeout(total=60)


def run_against(url: str, rows: Sequence[Row]) -> list[Outcome]:
    """One outcome a row; a follow-up continues the conversation, every other row begins a new one.

    Raises:
        UnavailableError: the server cannot be reached, or refuses a call.
    """
    return asyncio.run(_run(url.rstrip("/"), rows))


async def _run(url: str, rows: Sequence[Row]) -> list[Outcome]:
    return [outcome async for outcome in talk_through(ChatApi(url), rows)]


class ChatApi:
    """The conversations of one server."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def begin(self) -> ChatApiTalk:
        """A new one.

        Raises:
            UnavailableError: the server cannot be reached, or refuses.
        """
        # The jar must accept a cookie of an address without a name.
        session = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True), timeout=_TIMEOUT)
        try:
            await _post(session, f"{self._url}/api/conversations", {})
        except UnavailableError:
            await session.close()
            raise
        return ChatApiTalk(session, self._url)


class ChatApiTalk:
    """One conversation: the session whose cookie it is."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url

    async def say(self, text: str) -> Said:
        """Types a text.

        Raises:
            UnavailableError: the server cannot be reached, or refuses.
        """
        return await self._send({"text": text})

    async def press(self, choice_id: str) -> Said:
        """Presses a button.

        Raises:
            UnavailableError: the server cannot be reached, or refuses.
        """
        return await self._send({"choice": choice_id})

    async def close(self) -> None:
        """Closes the connections."""
        await self._session.close()

    async def _send(self, content: dict[str, str]) -> Said:
        body = await _post(self._session, f"{self._url}/api/messages", {"id": str(uuid.uuid4()), **content})
        messages: list[dict[str, Any]] = body["messages"]
        if not messages:
            raise UnavailableError(f"{self._url}: no message came back")
        return Said(messages)


async def _post(session: aiohttp.ClientSession, url: str, body: dict[str, Any]) -> dict[str, Any]:
    try:
        async with session.post(url, json=body) as response:
            if not response.ok:
                raise UnavailableError(f"{url}: HTTP {response.status}")
            answer: dict[str, Any] = await response.json()
            return answer
    except (aiohttp.ClientError, TimeoutError) as error:
        raise UnavailableError(f"{url}: {error or type(error).__name__}") from None
