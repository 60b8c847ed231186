"""Rasa is away for longer than LINE's reply tokens live, and comes back: who gets the answer, and what for.

On the web and on Slack nobody has to ask again. On LINE a message that the member did not ask for costs the account
money, so that the answer waits for the tap on 「続きを見る」.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import aiohttp
import pytest

from tests.faults.conftest import Doors
from tests.support import waiting
from tests.support.signed_senders import Senders, line_tap, line_text, slack_text

_PATIENCE_SECONDS = 600
_MORE = "続きを見る"

pytestmark = pytest.mark.timeout(1800)


class Browser:
    """A member on the website, who asks once and then only looks."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def ask(self, text: str) -> list[dict[str, Any]]:
        async with self._session.post("/api/conversations", json={}) as begun:
            assert begun.status == 201
        async with self._session.post("/api/messages", json={"id": str(uuid.uuid4()), "text": text}) as answer:
            messages: list[dict[str, Any]] = (await answer.json())["messages"]
            return messages

    async def sees(self, text: str) -> bool:
        async with self._session.get("/api/messages") as shown:
            messages = (await shown.json())["messages"]
        return any(text in message["text"] for message in messages if message["kind"] == "smalltalk")


@pytest.fixture
async def browser(doors: Doors) -> AsyncIterator[Browser]:
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(doors.web.url, cookie_jar=jar) as session:
        yield Browser(session)


until = partial(waiting.until, seconds=_PATIENCE_SECONDS)


def written(messages: object) -> str:
    return json.dumps(messages, ensure_ascii=False)


async def test_after_rasa_comes_back_web_and_slack_are_answered_unasked_and_line_on_the_tap(
    doors: Doors, browser: Browser
) -> None:
    senders = Senders(doors.web.url)
    await doors.stop_rasa()
    (apology,) = await browser.ask("ウェブの質問")
    assert apology["kind"] == "error"
    await senders.send(slack_text("スラックの質問", event_id="s", user="U1"))
    await senders.send(line_text("ラインの質問", event_id="l", user="U2"))
    await until(lambda: _MORE in written(doors.line.replies))
    await until(lambda: len(doors.slack.posts) == 1)
    assert not any("受け取りました" in written(sent) for sent in (doors.slack.posts, doors.line.replies))

    await doors.start_rasa()
    await until(lambda: "スラックの質問" in written(doors.slack.posts))
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while not await browser.sees("ウェブの質問"):  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.2)
    await until(lambda: any(body["message"] == "ラインの質問" for body in doors.rasa.heard))
    assert "ラインの質問" not in written(doors.line.replies)

    (item,) = doors.line.replies[-1]["messages"][-1]["quickReply"]["items"]
    assert item["action"]["label"] == _MORE
    await senders.send(line_tap(item["action"]["data"], event_id="tap", user="U2", place=60_000))
    await until(lambda: "ラインの質問" in written(doors.line.replies[1:]))
    assert [body["message"] for body in doors.rasa.heard].count("ラインの質問") == 1
    assert doors.line.refusals == []
