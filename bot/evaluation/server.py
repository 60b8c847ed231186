"""Runs a question set as conversations over the chat API of a running server."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Sequence
from typing import Any

import aiohttp

from bot.errors import UnavailableError
from bot.evaluation.gold import gold_of
from bot.evaluation.outcomes import Outcome
from bot.evaluation.question_sets import Row

_TIMEOUT = aiohttp.ClientTimeout(total=60)


def run_against(url: str, rows: Sequence[Row]) -> list[Outcome]:
    """One outcome a row; a follow-up continues the conversation, every other row begins a new one.

    Raises:
        UnavailableError: the server cannot be reached, or refuses a call.
    """
    return asyncio.run(_run(url.rstrip("/"), rows))


async def _run(url: str, rows: Sequence[Row]) -> list[Outcome]:
    outcomes: list[Outcome] = []
    session: aiohttp.ClientSession | None = None
    try:
        for row in rows:
            if session is None or row.kind != "followup":
                if session is not None:
                    await session.close()
                session = await _begin(url)
            outcomes.append(await _ask(session, url, row))
    finally:
        if session is not None:
            await session.close()
    return outcomes


async def _begin(url: str) -> aiohttp.ClientSession:
    # The jar must accept a cookie of an address without a name.
    session = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True), timeout=_TIMEOUT)
    try:
        await _post(session, f"{url}/api/conversations", {})
    except UnavailableError:
        await session.close()
        raise
    return session


async def _ask(session: aiohttp.ClientSession, url: str, row: Row) -> Outcome:
    start = time.perf_counter()
    body = await _post(session, f"{url}/api/messages", {"id": str(uuid.uuid4()), "text": row.utterance})
    ms = (time.perf_counter() - start) * 1000
    messages: list[dict[str, Any]] = body["messages"]
    if not messages:
        raise UnavailableError(f"{url}: no message came back for the question of line {row.line}")
    gold = gold_of(row)
    return Outcome(
        row=row,
        messages=messages,
        kinds=_kinds(messages),
        ms=ms,
        gold_cited=None if gold is None else [gold.is_cited_by(each) for each in _citations(messages)],
    )


async def _post(session: aiohttp.ClientSession, url: str, body: dict[str, Any]) -> dict[str, Any]:
    try:
        async with session.post(url, json=body) as response:
            if not response.ok:
                raise UnavailableError(f"{url}: HTTP {response.status}")
            answer: dict[str, Any] = await response.json()
            return answer
    except (aiohttp.ClientError, TimeoutError) as error:
        raise UnavailableError(f"{url}: {error or type(error).__name__}") from None


def _citations(messages: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [citation for message in messages for citation in message.get("citations", ())]


def _kinds(messages: Sequence[dict[str, Any]]) -> list[str]:
    """What the conversation understood: the kinds that requests name, `status` for a status without any."""
    kinds: dict[str, None] = {}
    for message in messages:
        if message["kind"] not in ("request", "receipt", "status"):
            continue
        named = message.get("request", {}).get("kinds", ())
        kinds |= dict.fromkeys(named or ([message["kind"]] if message["kind"] == "status" else []))
    return list(kinds)
