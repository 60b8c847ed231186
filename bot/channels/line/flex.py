"""Flex messages: what a plain text cannot show well, which is quotes with their place, and buttons that stay.

https://developers.line.biz/en/reference/messaging-api/#flex-message
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from bot.channels import limits
from bot.channels.fitting import cut, shorten, utf16_units
from bot.channels.line.links import outside
from bot.channels.paragraphs import Quoted, paragraphs
from bot.message import Link, Message

Json = dict[str, Any]

_OPEN_POLICY = "方針のこの箇所を開く"
_TEXT, _PLACE, _QUOTE_GROUND = "#111111", "#555555", "#F2F4F7"


def bubble(message: Message, buttons: Sequence[Json] = ()) -> Json | None:
    """The message as one bubble, its paragraphs in their order; None when LINE would not take one so large.

    Args:
        message: what to show.
        buttons: actions of the buttons that stay in the bubble.
    """
    contents = [*_contents(message), *(_button(action) for action in buttons)]
    body = {"type": "box", "layout": "vertical", "spacing": "md", "contents": contents}
    container: Json = {"type": "bubble", "size": "mega", "body": body}
    flex: Json = {
        "type": "flex",
        # Notifications, the list of chats and what cannot show Flex read this; it is the same text.
        "altText": cut(message.text, limits.LINE_ALT_TEXT_UNITS, measure=utf16_units),
        "contents": container,
    }
    return flex if _is_taken(container) else None


def _contents(message: Message) -> Iterator[Json]:
    for paragraph in paragraphs(message):
        if isinstance(paragraph, Quoted):
            yield _quote(paragraph)
        else:
            yield _words(paragraph.text)
    if message.link:
        yield _button(_page(message.link))


def _quote(quoted: Quoted) -> Json:
    contents = [_words(f"「{quote}」") for quote in quoted.quotes]
    contents.append(_words(f"（{quoted.heading}）", size="sm", color=_PLACE))
    if quoted.url:
        contents.append(_button({"type": "uri", "label": _OPEN_POLICY, "uri": outside(quoted.url)}))
    return {
        "type": "box",
        "layout": "vertical",
        "spacing": "sm",
        "paddingAll": "md",
        "cornerRadius": "md",
        "backgroundColor": _QUOTE_GROUND,
        "contents": contents,
    }


def _words(text: str, *, size: str = "md", color: str = _TEXT) -> Json:
    # `scaling` follows the size of letters that the member has chosen on their device.
    return {"type": "text", "text": text, "wrap": True, "size": size, "color": color, "scaling": True}


def _page(link: Link) -> Json:
    return {"type": "uri", "label": shorten(link.title, limits.LINE_LABEL_GRAPHEMES), "uri": outside(link.url)}


def _button(action: Json) -> Json:
    return {"type": "button", "style": "link", "height": "sm", "scaling": True, "action": action}


def _is_taken(container: Json) -> bool:
    # Whether LINE counts a kanji as one, three or six bytes is not written anywhere; the SDK sends six (\uXXXX).
    return len(json.dumps(container)) <= limits.LINE_BUBBLE_BYTES and all(
        len(uri) <= limits.LINE_URI_CHARACTERS for uri in _uris(container)
    )


def _uris(container: Json) -> Iterator[str]:
    for component in (container["body"],) if "body" in container else container.get("contents", ()):
        yield from _uris(component)
    if "uri" in container.get("action", {}):
        yield container["action"]["uri"]
