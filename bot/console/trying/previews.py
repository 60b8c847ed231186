"""How members read an answer on the web, LINE and Slack: drawn from what really goes there, with what a limit cuts."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from bot.channels import limits
from bot.channels.fitting import graphemes
from bot.channels.line.messages import fits, line_messages
from bot.channels.paragraphs import Quoted, paragraphs
from bot.channels.slack.messages import Posted, slack_post
from bot.message import Message

Sort = Literal["text", "quote", "small", "button"]

CUT = "長いため、ここまでを表示しました"
"""How the renderers of both platforms tell that something was left out."""

_SLACK_LINK = re.compile(r"<[^<>|]*\|([^<>]*)>")


@dataclass(frozen=True)
class Item:
    """One piece of what is shown."""

    sort: Sort
    text: str


@dataclass(frozen=True)
class Preview:
    """One channel: what is shown, what it takes of what may be sent, and what is cut or shown otherwise."""

    channel: str
    title: str
    items: tuple[Item, ...]
    size: str
    warnings: tuple[str, ...]


def previews_of(messages: Sequence[Message]) -> tuple[Preview, ...]:
    """The three channels."""
    return (_web(messages), _line(messages), _slack(messages))


def _web(messages: Sequence[Message]) -> Preview:
    items: list[Item] = []
    for message in messages:
        for paragraph in paragraphs(message):
            if isinstance(paragraph, Quoted):
                items += [Item("quote", quote) for quote in paragraph.quotes]
                items.append(Item("small", paragraph.heading))
            else:
                items.append(Item("text", paragraph.text))
        items += [Item("button", choice.title) for choice in message.choices]
        items += [Item("button", message.link.title)] if message.link else []
    return Preview("web", "ウェブ", tuple(items), "", ())


def _line(messages: Sequence[Message]) -> Preview:
    objects = line_messages(messages)
    items = [item for each in objects for item in _line_items(each)]
    quick = [each["action"]["label"] for each in objects[-1].get("quickReply", {}).get("items", ())]
    size = f"メッセージ {len(objects)} / {limits.LINE_MESSAGES}"
    warnings = tuple(_line_warnings(messages, objects))
    return Preview("line", "LINE", (*items, *(Item("button", label) for label in quick)), size, warnings)


def _line_items(shown: dict[str, Any]) -> Iterator[Item]:
    if shown["type"] == "text":
        yield Item("text", shown["text"])
    else:
        yield from _flex_items(shown["contents"]["body"], "text")


def _flex_items(component: dict[str, Any], sort: Sort) -> Iterator[Item]:
    if component["type"] == "text":
        yield Item("small" if component.get("size") == "sm" else sort, component["text"])
    elif component["type"] == "button":
        yield Item("button", component["action"]["label"])
    else:
        inner: Sort = "quote" if "backgroundColor" in component else sort
        for each in component.get("contents", ()):
            yield from _flex_items(each, inner)


def _line_warnings(messages: Sequence[Message], objects: Sequence[dict[str, Any]]) -> Iterator[str]:
    if not fits(messages):
        yield "1回の返信に収まらないため、続きは「続きを見る」を押してから届くか、途中までになります。"
    if CUT in json.dumps(objects, ensure_ascii=False):
        yield "文字数の上限を超えるため、途中までしか表示されません。"
    if any(message.citations for message in messages) and not any(each["type"] == "flex" for each in objects):
        yield "吹き出しの大きさの上限を超えるため、引用も文字だけで表示されます。"
    titles = [choice.title for message in messages for choice in message.choices]
    for title in titles:
        if len(graphemes(title)) > limits.LINE_LABEL_GRAPHEMES:
            yield f"ボタン「{title}」は{limits.LINE_LABEL_GRAPHEMES}文字までで切られ、全文は本文に添えられます。"
    if len(titles) > limits.LINE_QUICK_REPLIES:
        yield f"ボタンは{limits.LINE_QUICK_REPLIES}個までしか表示されません。"
    if sum(bool(message.choices) for message in messages) > 1:
        yield "ボタンは最後のメッセージのものだけが表示されます。"


def _slack(messages: Sequence[Message]) -> Preview:
    blocks = slack_post(messages, Posted(seal=str))["blocks"]
    items = tuple(item for block in blocks for item in _slack_items(block))
    size = f"ブロック {len(blocks)} / {limits.SLACK_BLOCKS}"
    return Preview("slack", "Slack", items, size, tuple(_slack_warnings(messages, items)))


def _slack_items(block: dict[str, Any]) -> Iterator[Item]:
    if block["type"] == "section":
        yield Item("text", _read(block["text"]["text"]))
    elif block["type"] == "context":
        yield from (Item("small", _read(each["text"])) for each in block["elements"])
    elif block["type"] == "rich_text":
        quotes = (text for quote in block["elements"] for text in quote["elements"])
        yield from (Item("quote", each["text"]) for each in quotes)
    else:
        yield from (Item("button", each["text"]["text"]) for each in block["elements"])


def _slack_warnings(messages: Sequence[Message], items: Sequence[Item]) -> Iterator[str]:
    if any(CUT in item.text for item in items):
        yield "文字数またはブロック数の上限を超えるため、途中までしか表示されません。"
    for message in messages:
        for choice in message.choices:
            if len(choice.title) > limits.SLACK_BUTTON_CHARACTERS:
                yield f"ボタン「{choice.title}」は{limits.SLACK_BUTTON_CHARACTERS}文字までで切られます。"


def _read(markup: str) -> str:
    """What Slack shows for its own way of writing."""
    return html.unescape(_SLACK_LINK.sub(r"\1", markup))
