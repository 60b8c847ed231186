"""What a member reads on LINE: our messages as LINE's message objects, within LINE's limits."""

from __future__ import annotations

from collections.abc import Sequence

from linebot.v3.messaging.models import PostbackAction, QuickReply, QuickReplyItem, TextMessage

from bot.channels import limits
from bot.channels.fitting import shorten, split, utf16_units
from bot.channels.paragraphs import Quoted, paragraphs
from bot.message import Choice, Message

_TOO_LONG = "\n（長いため、ここまでを表示しました。続きは「プライバシーポリシー」のページでご確認ください。）"


def line_messages(messages: Sequence[Message]) -> list[TextMessage]:
    """One reply's message objects: at most five, the buttons of the last message that has any under the last.

    LINE shows quick replies of the newest message only, so that those of an earlier one would never be seen.
    """
    choices = next((message.choices for message in reversed(messages) if message.choices), ())
    texts = [_text(message) for message in messages]
    cut_titles = [choice.title for choice in choices if _label(choice) != choice.title]
    if cut_titles:
        texts[-1] += "\n\n" + "\n".join(f"・{title}" for title in cut_titles)
    found = [TextMessage(text=text, quick_reply=None, quote_token=None) for text in _bubbles(texts)]
    found[-1].quick_reply = _quick_reply(choices)
    return found


def _text(message: Message) -> str:
    lines: list[str] = []
    for paragraph in paragraphs(message):
        if isinstance(paragraph, Quoted):
            lines += [f"「{quote}」" for quote in paragraph.quotes]
            lines += [f"（{paragraph.heading}）", paragraph.url]
        else:
            lines.append(paragraph.text)
    if message.link:
        lines += ["", message.link.title, message.link.url]
    return "\n".join(lines)


def _bubbles(texts: Sequence[str]) -> list[str]:
    """One bubble a message while there are few; else they run together; what is still too much is cut, and says so."""
    apart = [piece for text in texts for piece in _pieces(text)]
    if len(apart) <= limits.LINE_MESSAGES:
        return apart
    together = _pieces("\n\n".join(texts))
    if len(together) <= limits.LINE_MESSAGES:
        return together
    room = limits.LINE_TEXT_UNITS - utf16_units(_TOO_LONG)
    last = split(together[limits.LINE_MESSAGES - 1], room, measure=utf16_units)[0]
    return [*together[: limits.LINE_MESSAGES - 1], last + _TOO_LONG]


def _pieces(text: str) -> list[str]:
    return split(text, limits.LINE_TEXT_UNITS, measure=utf16_units)


def _quick_reply(choices: Sequence[Choice]) -> QuickReply | None:
    items = [_item(choice) for choice in choices[: limits.LINE_QUICK_REPLIES]]
    return QuickReply(items=items) if items else None


def _item(choice: Choice) -> QuickReplyItem:
    action = PostbackAction(
        label=_label(choice),
        data=choice.id,
        displayText=shorten(choice.title, limits.LINE_DISPLAY_TEXT_GRAPHEMES),
    )
    return QuickReplyItem(action=action)


def _label(choice: Choice) -> str:
    return shorten(choice.title, limits.LINE_LABEL_GRAPHEMES)
