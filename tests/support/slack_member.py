"""A member at Slack's keyboard: what they do goes out signed, what they see is what the fake recorded."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any, Protocol

from aiohttp import web
from aiohttp.test_utils import TestClient

from bot.channels.gateway import Gateway
from bot.storage.models import Inbound, Outbound
from tests.support.channel_gateway import ScriptedRasa
from tests.support.fake_slack import FakeSlack, block_action, direct_message, event_callback, mention, signed

Json = dict[str, Any]


class Between(Protocol):
    """The gateway between the fakes, as the fixture `channels` gives it."""

    client: TestClient[web.Request, web.Application]
    gateway: Gateway
    rasa: ScriptedRasa
    slack: FakeSlack

    def inbox(self) -> list[Inbound]: ...
    def outbox(self) -> list[Outbound]: ...
    async def settle(self) -> None: ...


class SlackMember:
    """Sends events one after the other, each with an id and a moment of its own; `fake` is Slack."""

    def __init__(self, channels: Between) -> None:
        self.channels = channels
        self.fake = channels.slack
        self._numbers = count(1)

    async def post(self, body: str, headers: dict[str, str] | None = None, path: str = "/slack/events") -> int:
        """Delivers a body; gives the status."""
        async with self.channels.client.post(path, data=body.encode(), headers=headers or signed(body)) as answer:
            return answer.status

    async def event(self, event: Json, *, event_id: str | None = None) -> int:
        """Delivers an event as it is."""
        return await self.post(event_callback(event, event_id=event_id or f"Ev{next(self._numbers)}"))

    async def say(self, text: str, *, event_id: str | None = None, **fields: object) -> int:
        """Writes to the app directly."""
        return await self.event(direct_message(text, **self._stamp(fields)), event_id=event_id)

    async def mention(self, text: str, *, event_id: str | None = None, **fields: object) -> int:
        """Writes in a channel and names the app."""
        return await self.event(mention(text, **self._stamp(fields)), event_id=event_id)

    async def press(self, post: Json, title: str, *, user: str = "U1", action_ts: str | None = None) -> int:
        """Presses the button of this title under a post."""
        button = next(button for button in buttons(post) if button["text"]["text"] == title)
        stamp = action_ts or f"1795426400.{next(self._numbers):06}"
        tap = block_action(
            button.get("value", ""), action_id=button["action_id"], user=user, post=post, action_ts=stamp
        )
        return await self.post(tap, path="/slack/interactive")

    async def settle(self) -> None:
        """Waits until everything is answered and sent."""
        await self.channels.settle()

    def _stamp(self, fields: Json) -> Json:
        ts = f"1795426200.{next(self._numbers):06}"
        return {"ts": ts, "event_ts": fields.get("ts", ts)} | fields


def buttons(post: Json) -> Iterator[Json]:
    """All buttons under a post."""
    return (button for block in post["blocks"] if block["type"] == "actions" for button in block["elements"])


def titles(post: Json) -> list[str]:
    """What can be pressed."""
    return [button["text"]["text"] for button in buttons(post)]


def words(post: Json) -> list[str]:
    """Everything that is read in a post, block by block, entities unwrapped; not the buttons."""
    return [text for block in post["blocks"] for text in _of(block)]


def _of(block: Json) -> Iterator[str]:
    if block["type"] == "section":
        yield _plain(block["text"]["text"])
    elif block["type"] == "context":
        yield from (_plain(element["text"]) for element in block["elements"])
    elif block["type"] == "rich_text":
        for element in block["elements"]:
            yield "".join(piece["text"] for piece in element["elements"])


def _plain(markup: str) -> str:
    return markup.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
