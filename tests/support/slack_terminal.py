"""A talk on Slack as a window would show it, in the terminal: who wrote where, and what could be pressed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from bot.channels.slack.places import is_direct
from tests.support.slack_member import titles, words

Json = dict[str, Any]

_LINK = re.compile(r"<(https?://[^|>]+)\|([^>]*)>")


def ours(post: Json, *, is_update: bool = False) -> Iterator[str]:
    """One post of the app, or how it looks after it was changed."""
    yield f"{_where(post)}  Madoguchi{'（更新）' if is_update else ''}"
    for block in post["blocks"]:
        bar = "┃ " if block["type"] == "rich_text" else ""
        for text in words({"blocks": [block]}):
            yield from (f"    {bar}{line}" for line in _LINK.sub(r"\2", text).split("\n"))
        if block["type"] == "actions":
            yield "    " + " ".join(f"[ {title} ]" for title in titles({"blocks": [block]}))
    yield ""


def theirs(text: str, *, where: Json, sign: str = "") -> Iterator[str]:
    """What a member wrote or pressed."""
    yield f"{_where(where)}  {where.get('user', 'U1')}"
    yield f"    {sign}{text}"
    yield ""


def _where(post: Json) -> str:
    place = "DM" if is_direct(post["channel"]) else f"#{post['channel']}"
    return f"{place} ↳ スレッド" if post.get("thread_ts") else place
