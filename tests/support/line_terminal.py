"""A talk on LINE as a phone would show it, in the terminal: ours on the left, the member's on the right."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any

from bot.channels.fitting import graphemes

Json = dict[str, Any]

_WIDTH = 76
_BUBBLE = 56


def ours(messages: list[Json]) -> Iterator[str]:
    """One reply: its messages from top to bottom, the quick replies under the last."""
    for message in messages:
        yield from _framed(message["text"].split("\n") if message["type"] == "text" else _flex(message))
    items = messages[-1].get("quickReply", {}).get("items", ())
    if items:
        yield "  " + " ".join(f"( {item['action']['label']} )" for item in items)


def theirs(text: str) -> Iterator[str]:
    """What the member wrote or tapped."""
    for line in _wrapped(text, _BUBBLE):
        yield " " * (_WIDTH - _columns(line) - 2) + f"{line} ▐"


def _flex(message: Json) -> list[str]:
    return [line for part in message["contents"]["body"]["contents"] for line in _part(part)]


def _part(part: Json) -> list[str]:
    if part["type"] == "box":
        return [f"▏{line}" for inner in part["contents"] for line in _part(inner)]
    if part["type"] == "button":
        action = part["action"]
        return [f"[ {action['label']}{' ↗' if action['type'] == 'uri' else ''} ]"]
    return [line for text in part["text"].split("\n") for line in _wrapped(text, _BUBBLE - 2)]


def _framed(lines: list[str]) -> Iterator[str]:
    wrapped = [piece for line in lines for piece in _wrapped(line, _BUBBLE)]
    width = max(map(_columns, wrapped))
    yield f"╭{'─' * (width + 2)}╮"
    for line in wrapped:
        yield f"│ {line}{' ' * (width - _columns(line))} │"
    yield f"╰{'─' * (width + 2)}╯"


def _wrapped(text: str, width: int) -> list[str]:
    lines, line = [], ""
    for cluster in graphemes(text):
        if _columns(line + cluster) > width:
            lines.append(line)
            line = ""
        line += cluster
    return [*lines, line]


def _columns(text: str) -> int:
    return sum(_width(cluster) for cluster in graphemes(text))


def _width(cluster: str) -> int:
    return 2 if unicodedata.east_asian_width(cluster[0]) in "WF" else 1
