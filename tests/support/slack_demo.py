"""`make demo-slack`: the real product, a fake of Slack's server, and a talk as Slack's window would show it.

python -m tests.support.slack_demo           a mention in a channel, a request that goes on directly, its receipt
python -m tests.support.slack_demo --talk    type yourself: @ at the beginning mentions the app in a channel, 1, 2 …
                                             presses a button of the newest post, an empty line ends
"""

from __future__ import annotations

import asyncio
import itertools
import sys
import time
from typing import Any

from tests.support import slack_terminal
from tests.support.demo_product import asked, deliver, product_beside, say
from tests.support.fake_slack import (
    BOT_TOKEN,
    SIGNING_SECRET,
    FakeSlack,
    block_action,
    direct_message,
    event_callback,
    mention,
    signed,
)
from tests.support.product import Product
from tests.support.slack_member import buttons, words
from tests.support.waiting import until

Json = dict[str, Any]

_MOST_STEPS = 8


class Window:
    """A member's window of Slack; what the fake was sent since the last look is shown."""

    def __init__(self, product: Product, slack: FakeSlack) -> None:
        self._product = product
        self._slack = slack
        self._count = itertools.count(1)
        self._shown = [0, 0]

    async def write(self, text: str, *, posts: int = 1) -> None:
        """Writes to the app directly."""
        await self._happen(direct_message(text, **self._now()), posts)

    async def mention(self, text: str, *, posts: int = 1) -> None:
        """Writes in a channel and names the app."""
        await self._happen(mention(text, **self._now()), posts)

    async def press(self, button: Json) -> None:
        """Presses a button under the newest post that has it."""
        post = next(post for post in reversed(self._slack.posts) if button in list(buttons(post)))
        for line in slack_terminal.theirs(button["text"]["text"], where=post | {"user": "U1"}, sign="▶ "):
            say(line)
        stamp = self._now()["ts"]
        body = block_action(button["value"], action_id=button["action_id"], post=post, action_ts=stamp)
        await self._deliver("/slack/interactive", body)
        await self._look(posts=1, updates=1)

    def offered(self) -> list[Json]:
        """The buttons of the newest post in which any brings something back."""
        lists = ([button for button in buttons(post) if "value" in button] for post in reversed(self._slack.posts))
        return next((found for found in lists if found), [])

    def choices(self) -> list[Json]:
        """The assistant's own of the newest post that has any."""
        every = ([one for one in buttons(post) if one["action_id"].startswith("choice")] for post in self._slack.posts)
        return next((found for found in reversed([*every]) if found), [])

    def eraser(self) -> Json:
        """The button that deletes the conversation, in the first direct message."""
        found = (button for post in self._slack.posts if post["channel"] == "D1" for button in buttons(post))
        return next(button for button in found if button["action_id"].startswith("tap"))

    def has_receipt(self) -> bool:
        return any("受付番号" in word for post in self._slack.posts for word in words(post))

    async def _happen(self, event: Json, posts: int) -> None:
        for line in slack_terminal.theirs(event["text"].replace("<@UBOT>", "@Madoguchi"), where=event):
            say(line)
        await self._deliver("/slack/events", event_callback(event, event_id=f"EvDemo{next(self._count)}"))
        await self._look(posts=posts, updates=0)

    async def _deliver(self, path: str, body: str) -> None:
        status = await deliver(self._product, path, body.encode(), signed(body))
        if status != 200:
            raise RuntimeError(f"the webhook was answered with {status}")

    async def _look(self, *, posts: int, updates: int) -> None:
        before, changed = self._shown
        await until(
            lambda: len(self._slack.posts) >= before + posts and len(self._slack.updates) >= changed + updates,
            seconds=90,
        )
        self._shown = [len(self._slack.posts), len(self._slack.updates)]
        for post in self._slack.updates[changed:]:
            for line in slack_terminal.ours(post, is_update=True):
                say(line)
        for post in self._slack.posts[before:]:
            for line in slack_terminal.ours(post):
                say(line)

    def _now(self) -> dict[str, str]:
        ts = f"{time.time():.6f}"
        return {"ts": ts, "event_ts": ts}


async def scripted(window: Window) -> None:
    """A question where others read, a request that must not be read by them, its receipt, and its deletion."""
    await window.mention("口座情報は何に使われますか")
    await window.mention("私の口座情報を開示してください", posts=2)
    for _ in range(_MOST_STEPS):
        if window.has_receipt() or not window.choices():
            break
        await window.press(window.choices()[0])
    await window.write("請求の状況を教えてください")
    await window.press(window.eraser())


async def typed(window: Window) -> None:
    """Whatever is typed, until an empty line."""
    while text := await asked("> "):
        number = int(text) if text.isdecimal() else 0
        if text.startswith("@"):
            await window.mention(text[1:].strip())
        elif 0 < number <= len(window.offered()):
            await window.press(window.offered()[number - 1])
        else:
            await window.write(text)


async def main() -> None:
    slack = FakeSlack()
    credentials = {"SLACK_SIGNING_SECRET": SIGNING_SECRET, "SLACK_BOT_TOKEN": BOT_TOKEN}
    async with product_beside(slack.app(), lambda url: {**credentials, "SLACK_API_URL": f"{url}/api/"}) as product:
        await (typed if "--talk" in sys.argv[1:] else scripted)(Window(product, slack))
    if slack.refusals:
        raise SystemExit(f"Slack would have refused: {slack.refusals}")


if __name__ == "__main__":
    asyncio.run(main())
