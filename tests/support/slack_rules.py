"""What Slack's Web API refuses, by https://docs.slack.dev/reference/block-kit/ and the pages of the methods."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

_REQUIRED = {
    "chat.postMessage": ("channel",),
    "chat.postEphemeral": ("channel", "user"),
    "chat.update": ("channel", "ts"),
    "conversations.open": ("users",),
    "conversations.history": ("channel",),
    "conversations.replies": ("channel", "ts"),
}
_TEXT, _BLOCKS, _TEXT_OBJECT, _ELEMENTS, _CONTEXT = 4000, 50, 3000, 25, 10
_BUTTON_TEXT, _VALUE, _ID, _URL, _ALL_TEXT = 75, 2000, 255, 3000, 13_000
_CONFIRM = {"title": 100, "text": 300, "confirm": 30, "deny": 30}
_LINK = re.compile(r"<(https?://[^<>|]+)\|[^<>|]+>")
_ENTITY = re.compile(r"&(amp|lt|gt);")


def fault_of(method: str, call: dict[str, Any], *, mentions: Sequence[str] = ()) -> str:
    """The error that Slack would answer this call with; empty when it would take it.

    Slack itself takes unescaped text and pings whomever it names; here only those in `mentions` may be.
    """
    if any(not call.get(name) for name in _REQUIRED.get(method, ())):
        return "invalid_arguments"
    if not method.startswith("chat."):
        return ""
    for named in mentions:
        call = json.loads(json.dumps(call).replace(f"<@{named}>", named))
    return next(_message_faults(method, call), "")


def _message_faults(method: str, call: dict[str, Any]) -> Iterator[str]:
    if not call.get("text"):
        yield "no_text"
    if len(call["text"]) > _TEXT or _is_unescaped(call["text"]):
        yield "msg_too_long"
    if method == "chat.postMessage" and (call.get("unfurl_links"), call.get("unfurl_media")) != (False, False):
        yield "unfurls"
    if "as_user" in call:
        yield "deprecated_argument"
    if any(faults(call.get("blocks", []))):
        yield "invalid_blocks"


def faults(blocks: list[dict[str, Any]]) -> Iterator[str]:
    """What is wrong with the blocks of one message."""
    if not 0 < len(blocks) <= _BLOCKS:
        yield f"{len(blocks)} blocks"
    ids = [block["block_id"] for block in blocks if "block_id" in block]
    if len(ids) != len(set(ids)) or any(len(one) > _ID for one in ids):
        yield "block_id"
    if sum(map(len, texts(blocks))) > _ALL_TEXT:
        yield "msg_blocks_too_long"
    for block in blocks:
        yield from _KINDS[block["type"]](block)


def texts(value: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON
    """Every text that a person would read, as it stands in the JSON."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == "text" and isinstance(inner, str):
                yield inner
            else:
                yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)


def _section(block: dict[str, Any]) -> Iterator[str]:
    yield from _text_object(block["text"])


def _context(block: dict[str, Any]) -> Iterator[str]:
    if not 0 < len(block["elements"]) <= _CONTEXT:
        yield "elements of a context"
    for element in block["elements"]:
        yield from _text_object(element)


def _text_object(value: dict[str, Any]) -> Iterator[str]:
    if not 0 < len(value["text"]) <= _TEXT_OBJECT:
        yield "length of a text"
    if value["type"] == "mrkdwn" and (_is_unescaped(value["text"]) or value.get("verbatim") is not True):
        yield "control characters"


def _actions(block: dict[str, Any]) -> Iterator[str]:
    elements = block["elements"]
    if not 0 < len(elements) <= _ELEMENTS:
        yield "elements of actions"
    actions = [element["action_id"] for element in elements]
    if len(set(actions)) != len(actions) or any(not 0 < len(one) <= _ID for one in actions):
        yield "action_id"
    for element in elements:
        yield from _button(element)


def _button(element: dict[str, Any]) -> Iterator[str]:
    if element["text"]["type"] != "plain_text" or not 0 < len(element["text"]["text"]) <= _BUTTON_TEXT:
        yield "text of a button"
    if len(element.get("value", "")) > _VALUE or len(element.get("url", "")) > _URL:
        yield "value or url of a button"
    if ("value" in element) == ("url" in element):
        yield "a button goes somewhere or means something"
    for name, most in _CONFIRM.items():
        if "confirm" in element and not 0 < len(element["confirm"][name]["text"]) <= most:
            yield f"{name} of a confirmation"


def _rich_text(block: dict[str, Any]) -> Iterator[str]:
    for element in block["elements"]:
        if element["type"] not in {"rich_text_quote", "rich_text_section"} or not element["elements"]:
            yield "element of rich text"
        for piece in element["elements"]:
            # Any other element could ping somebody or load something.
            if piece["type"] != "text" or not 0 < len(piece["text"]) <= _TEXT_OBJECT:
                yield "piece of rich text"


def _is_unescaped(text: str) -> bool:
    """Whether Slack would find anything but text and our own links in it."""
    plain = _ENTITY.sub("", _LINK.sub("", text))
    return any(character in plain for character in "<>&")


_KINDS = {"section": _section, "context": _context, "actions": _actions, "rich_text": _rich_text}
