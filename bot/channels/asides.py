"""Short fixed answers to what never reaches the dialogue: a sticker, a text that is too long, a button of the past."""

from __future__ import annotations

from enum import StrEnum

from bot.channels import notices
from bot.channels.gateway import Gateway
from bot.channels.intake import LONGEST_TEXT
from bot.message import Message, fixed


class Aside(StrEnum):
    """Which answer it is; the code is what waits in the outbox."""

    WELCOME = "welcome"
    TEXT_ONLY = "text_only"
    TEXT_UNUSABLE = "text_unusable"
    CHOICE_GONE = "choice_gone"
    DIRECT_ONLY = "direct_only"
    TOO_MANY = "too_many"


_TEXTS = {
    Aside.TEXT_ONLY: "恐れ入りますが、文字のメッセージだけをお読みできます。ご質問やご要望を文字でお送りください。",
    Aside.TEXT_UNUSABLE: f"ご質問やご要望を、{LONGEST_TEXT}文字以内でお送りください。",
    Aside.CHOICE_GONE: "この選択肢は、いまは使えません。お手数ですが、文字でお送りください。",
    Aside.TOO_MANY: (
        "短い時間に続けて送られたため、いまのメッセージはお受けできませんでした。"
        "しばらくおいて、もう一度お送りください。"
    ),
    Aside.DIRECT_ONLY: "ご質問やご請求は、ダイレクトメッセージで承ります。このアプリへ直接お送りください。",
}


def aside_message(gateway: Gateway, aside: Aside, channel: str) -> Message:
    """The message of this code on this channel."""
    if aside is Aside.WELCOME:
        return notices.first_message(gateway, channel)
    return Message(kind="notice", parts=(fixed(_TEXTS[aside]),))
