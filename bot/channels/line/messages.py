"""What a member reads on LINE: our messages as LINE's message objects, within LINE's limits."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.channels import limits
from bot.channels.fitting import shorten, split, utf16_units
from bot.channels.line.flex import Json, bubble
from bot.channels.line.links import outside
from bot.channels.paragraphs import Quoted, paragraphs
from bot.channels.taps import Tap
from bot.message import Choice, Message, fixed

Seal = Callable[[str], str]
"""Makes of a choice's id what a postback carries."""

_STAYING = frozenset({Tap.ERASE})
"""Quick replies go with the next message; what is offered for good stands in the bubble itself."""

_TOO_LONG = "\n（長いため、ここまでを表示しました。続きは「プライバシーポリシー」のページでご確認ください。）"


def line_messages(messages: Sequence[Message], *, seal: Seal = str, plain: bool = False) -> list[Json]:
    """One reply's message objects: at most five, the buttons of the last message that has any under the last.

    LINE shows quick replies of the newest message only, so that those of an earlier one would never be seen. A
    message that quotes, or has a button that stays, is a bubble, as long as five objects are enough for all.

    Args:
        messages: what to show, in order.
        seal: gives a postback what it carries for a choice.
        plain: whether everything shall be text.
    """
    complete = _with_whole_titles(messages)
    found = None if plain else _rich(complete, seal)
    if found is None:
        found = [{"type": "text", "text": text} for text in _texts(complete)]
    items = [_item(choice, seal) for choice in _choices(messages, plain=plain)]
    if items:
        found[-1]["quickReply"] = {"items": items[: limits.LINE_QUICK_REPLIES]}
    return found


def fits(messages: Sequence[Message]) -> bool:
    """Whether one reply shows these messages whole."""
    complete = _with_whole_titles(messages)
    return _rich(complete, str) is not None or len(_pieces(_together(complete))) <= limits.LINE_MESSAGES


def _choices(messages: Sequence[Message], *, plain: bool) -> list[Choice]:
    """The quick replies: what the last message that offers any offers."""
    offered = ([choice for choice in one.choices if plain or choice.id not in _STAYING] for one in reversed(messages))
    return next((choices for choices in offered if choices), [])


def _with_whole_titles(messages: Sequence[Message]) -> list[Message]:
    """What a label cuts short stands whole under the last message."""
    cut = [choice.title for choice in _choices(messages, plain=False) if _label(choice) != choice.title]
    if not cut:
        return list(messages)
    last = messages[-1]
    titles = fixed("\n".join(f"・{title}" for title in cut))
    return [*messages[:-1], last.model_copy(update={"parts": (*last.parts, titles)})]


def _rich(messages: Sequence[Message], seal: Seal) -> list[Json] | None:
    """One object a message, in bubbles where that shows more; None when it takes more than five."""
    found: list[Json] = []
    for message in messages:
        staying = [_postback(choice, seal) for choice in message.choices if choice.id in _STAYING]
        flex = bubble(message, staying) if message.citations or staying else None
        found += [flex] if flex else [{"type": "text", "text": text} for text in _pieces(_text(message))]
    return found if len(found) <= limits.LINE_MESSAGES else None


def _texts(messages: Sequence[Message]) -> list[str]:
    """One text a message while there are few; else they run together; what is still too much is cut, and says so."""
    apart = [piece for message in messages for piece in _pieces(_text(message))]
    if len(apart) <= limits.LINE_MESSAGES:
        return apart
    together = _pieces(_together(messages))
    if len(together) <= limits.LINE_MESSAGES:
        return together
    room = limits.LINE_TEXT_UNITS - utf16_units(_TOO_LONG)
    last = split(together[limits.LINE_MESSAGES - 1], room, measure=utf16_units)[0]
    return [*together[: limits.LINE_MESSAGES - 1], last + _TOO_LONG]


def _together(messages: Sequence[Message]) -> str:
    return "\n\n".join(_text(message) for message in messages)


def _text(message: Message) -> str:
    lines: list[str] = []
    for paragraph in paragraphs(message):
        if isinstance(paragraph, Quoted):
            lines += [f"「{quote}」" for quote in paragraph.quotes]
            lines.append(f"（{paragraph.heading}）")
            lines += [outside(paragraph.url)] * bool(paragraph.url)
        else:
            lines.append(paragraph.text)
    if message.link:
        lines += ["", message.link.title, outside(message.link.url)]
    return "\n".join(lines)


def _pieces(text: str) -> list[str]:
    return split(text, limits.LINE_TEXT_UNITS, measure=utf16_units)


def _item(choice: Choice, seal: Seal) -> Json:
    return {"type": "action", "action": _postback(choice, seal)}


def _postback(choice: Choice, seal: Seal) -> Json:
    return {
        "type": "postback",
        "label": _label(choice),
        "data": seal(choice.id or ""),
        "displayText": shorten(choice.title, limits.LINE_DISPLAY_TEXT_GRAPHEMES),
    }


def _label(choice: Choice) -> str:
    return shorten(choice.title, limits.LINE_LABEL_GRAPHEMES)
