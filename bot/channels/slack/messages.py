"""What a member reads on Slack: our messages as blocks of one post, within Slack's limits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    MarkdownTextObject,
    PlainTextObject,
    SectionBlock,
)

from bot.channels import limits
from bot.channels.fitting import split
from bot.channels.paragraphs import Quoted, paragraphs
from bot.channels.slack.text import escaped
from bot.message import Choice, Message

CHOICE_ACTION = "choice"
"""How the `action_id` of every button of ours begins; a number follows, since ids are unique within a block."""

_TOO_LONG = "（長いため、ここまでを表示しました。続きは「プライバシーポリシー」のページでご確認ください。）"


def slack_post(messages: Sequence[Message]) -> dict[str, Any]:
    """The `text` and `blocks` of one `chat.postMessage` that carries all messages of a turn."""
    blocks = [block for message in messages for block in _blocks(message)]
    if len(blocks) > limits.SLACK_BLOCKS:
        blocks = [*blocks[: limits.SLACK_BLOCKS - 1], _section(_TOO_LONG)]
    fallback = split(
        "\n".join(message.text for message in messages),
        limits.SLACK_FALLBACK_CHARACTERS,
        measure=lambda text: len(escaped(text)),
    )[0]
    return {"text": escaped(fallback), "blocks": [block.to_dict() for block in blocks]}


def _blocks(message: Message) -> Iterator[Block]:
    for paragraph in paragraphs(message):
        if isinstance(paragraph, Quoted):
            for quote in paragraph.quotes:
                yield from _sections(f"「{quote}」")
            yield _section(_linked(paragraph.url, f"（{paragraph.heading}）"))
        else:
            yield from _sections(paragraph.text)
    if message.link:
        yield _section(_linked(message.link.url, message.link.title))
    if message.choices:
        yield _buttons(message.choices)


def _sections(text: str) -> Iterator[Block]:
    pieces = split(text, limits.SLACK_SECTION_CHARACTERS, measure=lambda piece: len(escaped(piece)))
    return (_section(escaped(piece)) for piece in pieces)


def _section(markup: str) -> Block:
    # `verbatim` keeps Slack from turning what looks like a link, a channel or a name into one.
    return SectionBlock(text=MarkdownTextObject(text=markup, verbatim=True))


def _linked(url: str, title: str) -> str:
    # The bar would end the address within Slack's angle brackets.
    return f"<{escaped(url).replace('|', '%7C')}|{escaped(title)}>"


def _buttons(choices: Sequence[Choice]) -> Block:
    elements = [
        ButtonElement(
            text=PlainTextObject(text=_button_text(choice.title), emoji=False),
            action_id=f"{CHOICE_ACTION}:{number}",
            value=choice.id,
        )
        for number, choice in enumerate(choices[: limits.SLACK_BUTTONS])
    ]
    return ActionsBlock(elements=elements)


def _button_text(title: str) -> str:
    if len(title) <= limits.SLACK_BUTTON_CHARACTERS:
        return title
    return split(title, limits.SLACK_BUTTON_CHARACTERS - 1)[0] + "…"
