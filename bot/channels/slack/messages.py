"""What a member reads on Slack: our messages as blocks of one post, within Slack's limits.

Quotes are rich text, which Slack shows letter by letter: in a section a `*` or `_` of the policy would become
formatting. Everything else is escaped (`bot.channels.slack.text`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ConfirmObject,
    ContextBlock,
    MarkdownTextObject,
    PlainTextObject,
    RichTextBlock,
    RichTextElementParts,
    RichTextQuoteElement,
    SectionBlock,
)

from bot.channels import limits
from bot.channels.fitting import shorten, split
from bot.channels.paragraphs import Quoted, Said, paragraphs
from bot.channels.slack.text import escaped
from bot.channels.taps import Tap
from bot.message import Choice, Link, Message

CHOICE_ACTION = "choice"
"""How the `action_id` of every choice begins; a number follows, since ids are unique within a block."""

TAP_ACTION = "tap"
"""The same for the buttons that the gateway answers itself."""

LINK_ACTION = "link"
"""The `action_id` of a button that opens a page; Slack reports its tap too."""

_ALL = limits.SLACK_MESSAGE_CHARACTERS
_TOO_LONG = "（長いため、ここまでを表示しました。続きは「プライバシーポリシー」のページでご確認ください。）"
_CHOSEN = "✓ "
_NO_LONGER = "この選択肢は、いまは使えません。"
_GONE = "この会話の記録は削除しました。"

_SURELY = {
    Tap.ERASE: ConfirmObject(
        title="会話を消す",
        text="Slackでのこれまでの会話を、こちらの記録からすべて削除します。元には戻せません。"
        "受付済みのご請求は削除されません。Slackの画面に表示されたメッセージは残ります。",
        confirm="削除する",
        deny="やめる",
    )
}


@dataclass(frozen=True, kw_only=True)
class Posted:
    """How a post stands.

    Attributes:
        seal: gives what a button brings back when it is pressed (`bot.channels.taps.sealed`).
        is_public: whether it stands in a channel; what we say of ourselves is in small print there.
        is_pressed: whether its choices are over.
        chosen: the title of the choice that was pressed; None when a press came too late to count.
    """

    seal: Callable[[str], str]
    is_public: bool = False
    is_pressed: bool = False
    chosen: str | None = None


def slack_post(messages: Sequence[Message], posted: Posted) -> dict[str, Any]:
    """The `text` and `blocks` of one `chat.postMessage` that carries all messages of a turn."""
    blocks = [block for message in messages for block in _blocks(message, posted)]
    blocks = _fitting(blocks, [_mark(posted)] if posted.is_pressed else [])
    return _post("\n".join(message.text for message in messages), blocks)


def gone_post() -> dict[str, Any]:
    """What a post becomes when the conversation it belonged to was deleted."""
    return _post(_GONE, [_context(_GONE)])


def _post(text: str, blocks: Sequence[Block]) -> dict[str, Any]:
    fallback = split(text, limits.SLACK_FALLBACK_CHARACTERS, measure=lambda piece: len(escaped(piece)))[0]
    return {"text": escaped(fallback), "blocks": [block.to_dict() for block in blocks]}


def _mark(posted: Posted) -> Block:
    return _context(escaped(_NO_LONGER if posted.chosen is None else _CHOSEN + posted.chosen))


def _blocks(message: Message, posted: Posted) -> Iterator[Block]:
    for paragraph in paragraphs(message):
        if posted.is_public and message.kind == "notice" and isinstance(paragraph, Said):
            yield from map(_context, _pieces(paragraph.text))
        elif isinstance(paragraph, Quoted):
            for quote in paragraph.quotes:
                yield from _quoted(quote)
            yield _context(_linked(paragraph.url, f"（{paragraph.heading}）"))
        else:
            yield from map(_section, _pieces(paragraph.text))
    buttons = [*_choices(message, posted), *_openers(message.link)]
    for first in range(0, len(buttons), limits.SLACK_BUTTONS):
        yield ActionsBlock(elements=buttons[first : first + limits.SLACK_BUTTONS])


def _fitting(blocks: list[Block], marks: list[Block]) -> list[Block]:
    """As many as Slack takes, from the beginning; what a member presses to go on is never left out."""
    weight = sum(map(_weight, blocks))
    room = limits.SLACK_BLOCKS - len(marks)
    if len(blocks) <= room and weight <= _ALL:
        return [*blocks, *marks]
    buttons = [block for block in blocks if isinstance(block, ActionsBlock)][-(room // 2) :]
    note = _section(_TOO_LONG)
    said = [block for block in blocks if not isinstance(block, ActionsBlock)][: room - len(buttons) - 1]
    so_far = accumulate(map(_weight, said), initial=_weight(note))
    kept = [block for block, before in zip(said, so_far, strict=False) if before + _weight(block) <= _ALL]
    return [*kept, note, *buttons, *marks]


def _weight(block: Block) -> int:
    """The characters that count against what one message may hold."""
    if isinstance(block, ActionsBlock):
        return 0
    return len(str(block.to_dict()))


def _quoted(quote: str) -> Iterator[Block]:
    for piece in split(quote, limits.SLACK_SECTION_CHARACTERS):
        text = RichTextElementParts.Text(text=piece)
        yield RichTextBlock(elements=[RichTextQuoteElement(elements=[text])])


def _pieces(text: str) -> Iterator[str]:
    pieces = split(text, limits.SLACK_SECTION_CHARACTERS, measure=lambda piece: len(escaped(piece)))
    return map(escaped, pieces)


def _section(markup: str) -> Block:
    return SectionBlock(text=_markup(markup))


def _context(markup: str) -> Block:
    return ContextBlock(elements=[_markup(markup)])


def _markup(markup: str) -> MarkdownTextObject:
    # `verbatim` keeps Slack from turning what looks like a link, a channel or a name into one.
    return MarkdownTextObject(text=markup, verbatim=True)


def _linked(url: str, title: str) -> str:
    # A bar ends the address within Slack's angle brackets, and what a second one does is written nowhere.
    title = shorten(title, limits.SLACK_LINK_GRAPHEMES).replace("|", "｜")
    link = f"<{escaped(url).replace('|', '%7C')}|{escaped(title)}>"
    return link if url and len(link) <= limits.SLACK_SECTION_CHARACTERS else escaped(title)


def _choices(message: Message, posted: Posted) -> Iterator[ButtonElement]:
    for number, choice in enumerate(message.choices):
        if choice.id in set(Tap):
            yield _button(choice, posted, f"{TAP_ACTION}:{number}", confirm=_SURELY.get(Tap(choice.id)))
        elif not posted.is_pressed:
            yield _button(choice, posted, f"{CHOICE_ACTION}:{number}")


def _button(choice: Choice, posted: Posted, action: str, confirm: ConfirmObject | None = None) -> ButtonElement:
    value = posted.seal(choice.id or "")
    return ButtonElement(text=_title(choice.title), action_id=action, value=value, confirm=confirm)


def _openers(link: Link | None) -> Iterator[ButtonElement]:
    if link is not None and len(link.url) <= limits.SLACK_URL_CHARACTERS:
        yield ButtonElement(text=_title(link.title), action_id=LINK_ACTION, url=link.url)


def _title(title: str) -> PlainTextObject:
    if len(title) > limits.SLACK_BUTTON_CHARACTERS:
        title = split(title, limits.SLACK_BUTTON_CHARACTERS - 1)[0] + "…"
    return PlainTextObject(text=title, emoji=False)
