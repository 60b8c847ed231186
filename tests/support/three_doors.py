"""The same member at the website, on LINE and on Slack of one running product: what they do, and what they read."""

from __future__ import annotations

import asyncio
import html
import itertools
import json
import re
import secrets
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from aiohttp.test_utils import TestServer

from tests.support import chat, fake_line
from tests.support.fake_line import FakeLine
from tests.support.fake_slack import FakeSlack
from tests.support.product import Product
from tests.support.signed_senders import Event, Senders, line_tap, line_text, slack_tap, slack_text
from tests.support.slack_rules import texts
from tests.support.web_process import channel_secrets, platform_urls

Json = dict[str, Any]
_ANSWER_SECONDS = 180.0


@dataclass(frozen=True)
class Read:
    """What a member sees of one turn: the texts in their order, the buttons' titles, and where links lead."""

    texts: list[str]
    titles: list[str]
    links: list[str]


class Door(Protocol):
    """One channel as its member uses it."""

    channel: str

    async def say(self, text: str) -> Read: ...
    async def press(self, title: str) -> Read: ...


@dataclass
class House:
    """The running product with the platforms around it."""

    product: Product
    line: FakeLine
    slack: FakeSlack

    async def doors(self) -> list[Door]:
        """A new member at each."""
        browser = await asyncio.to_thread(chat.Member, self.product.url)
        return [WebDoor(browser), LineDoor(self), SlackDoor(self)]


@asynccontextmanager
async def opened_house(folder: Path, **settings: str) -> AsyncIterator[House]:
    """Runs the product with both fakes until the block ends."""
    line, slack = FakeLine(), FakeSlack()
    async with TestServer(line.app()) as line_server, TestServer(slack.app()) as slack_server:
        urls = [str(server.make_url("")).rstrip("/") for server in (line_server, slack_server)]
        product = Product(folder, **channel_secrets(), **platform_urls(*urls), **settings)
        try:
            await asyncio.to_thread(product.start)
            yield House(product, line, slack)
        finally:
            await asyncio.to_thread(product.stop)


class WebDoor:
    """The chat API."""

    channel = "web"

    def __init__(self, member: chat.Member) -> None:
        self._member = member

    async def say(self, text: str) -> Read:
        return self._read(await asyncio.to_thread(self._member.say, text))

    async def press(self, title: str) -> Read:
        return self._read(await asyncio.to_thread(self._member.press, title))

    def _read(self, messages: list[Json]) -> Read:
        said = [part["text"] for message in messages for part in message["parts"]]
        titles = [choice["title"] for message in messages for choice in message.get("choices", ())]
        links = [message["link"]["url"] for message in messages if "link" in message]
        return Read(said, titles, links)


class LineDoor:
    """A member of LINE; what they read is the reply to their event."""

    channel = "line"

    def __init__(self, house: House) -> None:
        self._fake = house.line
        self._senders = Senders(house.product.url)
        self._user, self._number = f"U{secrets.token_hex(8)}", itertools.count()
        self._buttons: dict[str, str] = {}

    async def say(self, text: str) -> Read:
        return await self._read(line_text(text, **self._stamp()))

    async def press(self, title: str) -> Read:
        return await self._read(line_tap(self._buttons[title], **self._stamp()))

    def _stamp(self) -> Json:
        number = next(self._number)
        return {"event_id": f"{self._user}-{number}", "user": self._user, "place": number * 1000}

    async def _read(self, event: Event) -> Read:
        await self._senders.send(event)
        token = f"token-{event.event_id}"
        await _until(lambda: any(reply["replyToken"] == token for reply in self._fake.replies))
        (reply,) = (reply for reply in self._fake.replies if reply["replyToken"] == token)
        actions = [
            item["action"] for message in reply["messages"] for item in message.get("quickReply", {}).get("items", ())
        ]
        self._buttons = {action["displayText"]: action["data"] for action in actions if action["type"] == "postback"}
        return Read([fake_line.shown(message) for message in reply["messages"]], list(self._buttons), _urls(reply))


class SlackDoor:
    """A member of Slack; what they read is the next post in their direct messages."""

    channel = "slack"

    def __init__(self, house: House) -> None:
        self._fake = house.slack
        self._senders = Senders(house.product.url)
        self._user, self._number = f"U{secrets.token_hex(8).upper()}", itertools.count()
        self._buttons: dict[str, Json] = {}
        self._seen = 0

    async def say(self, text: str) -> Read:
        return await self._read(slack_text(text, **self._stamp()))

    async def press(self, title: str) -> Read:
        return await self._read(slack_tap(self._buttons[title], **self._stamp()))

    def _stamp(self) -> Json:
        number = next(self._number)
        return {"event_id": f"{self._user}-{number}", "user": self._user, "place": number * 1000}

    async def _read(self, event: Event) -> Read:
        await self._senders.send(event)
        await _until(lambda: len(self._posts()) > self._seen)
        post = self._posts()[self._seen]
        self._seen += 1
        elements = [part for block in post["blocks"] if block["type"] == "actions" for part in block["elements"]]
        self._buttons = {
            element["text"]["text"]: element | {"post": post} for element in elements if "value" in element
        }
        return Read(list(_slack_texts(post["blocks"])), list(self._buttons), _urls(post))

    def _posts(self) -> list[Json]:
        return [post for post in self._fake.posts if post["channel"] == f"D{self._user}"]


def _slack_texts(blocks: list[Json]) -> Iterator[str]:
    """What stands above the buttons; links without their addresses."""
    for text in texts([block for block in blocks if block["type"] != "actions"]):
        yield html.unescape(re.sub(r"<[^<>|]*\|([^<>]*)>", r"\1", text))


def _urls(sent: Json) -> list[str]:
    return [
        url.partition("?")[0] for url in re.findall(r"https?://[^\s\"|<>）」]+", json.dumps(sent, ensure_ascii=False))
    ]


async def _until(holds: Any) -> None:  # noqa: ANN401 - a condition
    deadline = time.monotonic() + _ANSWER_SECONDS
    while not holds():
        assert time.monotonic() < deadline, "no answer came"
        await asyncio.sleep(0.05)
