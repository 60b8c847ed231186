"""`make demo-line`: the real product, a fake of LINE's server, and a talk as a phone would show it.

python -m tests.support.line_demo            a conversation from following to deleting
python -m tests.support.line_demo --talk     type yourself; 1, 2 … taps a button, an empty line ends
"""

from __future__ import annotations

import asyncio
import itertools
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

from bot.channels.line.webhook import PATH
from tests.support import line_terminal
from tests.support.demo_product import asked, deliver, product_beside, say
from tests.support.fake_line import (
    ACCESS_TOKEN,
    SECRET,
    FakeLine,
    event,
    postback_event,
    signed,
    sticker_event,
    text_event,
    webhook,
)
from tests.support.fake_line_checks import Schemas, openapi_folder
from tests.support.product import Product
from tests.support.waiting import until

Json = dict[str, Any]
Step = Callable[["Phone"], Awaitable[None]]


class Phone:
    """A member's phone; every event gets exactly one reply."""

    def __init__(self, product: Product, line: FakeLine) -> None:
        self._product = product
        self._line = line
        self._count = itertools.count(1)

    async def follow(self) -> None:
        await self._happen("（友だちに追加）", event("follow", event_id=self._id(), follow={"isUnblocked": False}))

    async def write(self, text: str) -> None:
        await self._happen(text, text_event(text, event_id=self._id()))

    async def send_sticker(self) -> None:
        await self._happen("（スタンプ）", sticker_event(event_id=self._id()))

    async def tap(self, action: Json) -> None:
        await self._happen(f"［{action['displayText']}］", postback_event(action["data"], event_id=self._id()))

    def quick_replies(self) -> list[Json]:
        """What the newest reply offers."""
        items = self._line.replies[-1]["messages"][-1].get("quickReply", {}).get("items", [])
        return [item["action"] for item in items]

    def staying(self, label: str) -> Json:
        """A button that stays in an earlier bubble."""
        messages = [message for reply in self._line.replies for message in reply["messages"]]
        contents = [part for one in messages if one["type"] == "flex" for part in one["contents"]["body"]["contents"]]
        actions = (part["action"] for part in contents if part["type"] == "button")
        return next(action for action in actions if action["label"] == label)

    def has_receipt(self) -> bool:
        return "受付番号" in str(self._line.replies[-1]["messages"])

    async def _happen(self, shown: str, incoming: Json) -> None:
        for line in line_terminal.theirs(shown):
            say(line)
        body = webhook(incoming | {"timestamp": int(time.time() * 1000)})
        before = len(self._line.replies)
        status = await deliver(self._product, PATH, body, signed(body))
        if status != 200:
            raise RuntimeError(f"the webhook was answered with {status}")
        await until(lambda: len(self._line.replies) > before, seconds=90)
        for line in line_terminal.ours(self._line.replies[-1]["messages"]):
            say(line)

    def _id(self) -> str:
        return f"demo{next(self._count)}"


async def scripted(phone: Phone) -> None:
    """From following to deleting."""
    await phone.follow()
    await phone.tap(phone.quick_replies()[0])
    for question in ("口座情報は何に使われますか", "それは第三者に渡されますか"):
        await phone.write(question)
    await phone.send_sticker()
    await phone.write("私の予約履歴を開示してください")
    while phone.quick_replies() and not phone.has_receipt():
        await phone.tap(phone.quick_replies()[0])
    await phone.write("請求の状況を教えてください")
    await phone.tap(phone.staying("会話を消す"))
    await phone.tap(phone.quick_replies()[0])


async def talked(phone: Phone) -> None:
    """Whoever sits at the terminal writes and taps."""
    await phone.follow()
    while line := await asked("> "):
        actions = phone.quick_replies()
        if line.isascii() and line.isdigit() and 0 < int(line) <= len(actions):
            await phone.tap(actions[int(line) - 1])
        else:
            await phone.write(line)


async def main(talk: Step) -> None:
    """Starts everything, talks, and stops everything."""
    published = openapi_folder() / "messaging-api.yml"
    line = FakeLine(schemas=Schemas(published) if published.exists() else None)

    def settings(url: str) -> dict[str, str]:
        return {"LINE_CHANNEL_SECRET": SECRET, "LINE_ACCESS_TOKEN": ACCESS_TOKEN, "LINE_API_URL": url}

    async with product_beside(line.app(), settings) as product:
        await talk(Phone(product, line))
    say(f"{len(line.replies)} replies, {len(line.refusals)} refused by the fake server")


if __name__ == "__main__":
    asyncio.run(main(talked if "--talk" in sys.argv[1:] else scripted))
