"""Short fixed answers to what never reaches the dialogue: a sticker, a text that is too long, a button of the past."""

from __future__ import annotations

from enum import StrEnum

from bot.channels import notices, taps
from bot.channels.gateway import Gateway
from bot.channels.intake import LONGEST_TEXT
from bot.channels.taps import Tap
from bot.message import Choice, Message, fixed


class Aside(StrEnum):
    """Which answer it is; the code is what waits in the outbox."""

    WELCOME = "welcome"
    TEXT_ONLY = "text_only"
    STICKER = "sticker"
    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"
    FILE = "file"
    LOCATION = "location"
    TEXT_UNUSABLE = "text_unusable"
    CHOICE_GONE = "choice_gone"
    DIRECT_ONLY = "direct_only"
    NOT_YOURS = "not_yours"
    ONE_TO_ONE = "one_to_one"
    JOINED = "joined"
    AGREED = "agreed"
    ERASE = "erase"
    ERASED = "erased"
    LEFT_ALONE = "left_alone"
    NOTHING_OPEN = "nothing_open"
    TOO_MANY = "too_many"


_IN_WORDS = "ご質問やご要望を文字でお送りください。"
_NOT_READ = "はお読みできません。保存もしていません。" + _IN_WORDS

_TEXTS = {
    Aside.STICKER: "スタンプをありがとうございます。お答えできるのは文字のメッセージだけです。" + _IN_WORDS,
    Aside.IMAGE: "恐れ入りますが、画像" + _NOT_READ + "本人確認の書類は、ここには送らないでください。",
    Aside.VIDEO: "恐れ入りますが、動画" + _NOT_READ,
    Aside.AUDIO: "恐れ入りますが、音声" + _NOT_READ,
    Aside.FILE: "恐れ入りますが、ファイル" + _NOT_READ + "本人確認の書類は、ここには送らないでください。",
    Aside.LOCATION: "恐れ入りますが、位置情報" + _NOT_READ,
    Aside.ONE_TO_ONE: "一対一のトークで承ります。このアカウントを友だちに追加して、トークでお送りください。",
    Aside.JOINED: (
        "お招きありがとうございます。個人情報についてのご相談は、一対一のトークで承ります。"
        "このアカウントを友だちに追加して、トークでお送りください。ここからは退出します。"
    ),
    Aside.AGREED: "ありがとうございます。ご質問やご要望を文字でお送りください。",
    Aside.ERASE: (
        "これまでの会話を削除します。元には戻せません。受付済みのご請求は削除されません。よろしいですか。"
        "このアプリの画面に残る表示は、そのまま残ります。"
    ),
    Aside.LEFT_ALONE: "会話は削除していません。",
    Aside.NOTHING_OPEN: "お待ちのお答えはありません。" + _IN_WORDS,
    Aside.TEXT_ONLY: "恐れ入りますが、お読みできるのは文字のメッセージだけです。" + _IN_WORDS,
    Aside.TEXT_UNUSABLE: f"ご質問やご要望を、{LONGEST_TEXT}文字以内でお送りください。",
    Aside.CHOICE_GONE: "この選択肢は、いまは使えません。お手数ですが、文字でお送りください。",
    Aside.TOO_MANY: (
        "短い時間に続けて送られたため、いまのメッセージはお受けできませんでした。"
        "しばらくおいて、もう一度お送りください。"
    ),
    Aside.DIRECT_ONLY: (
        "ご請求やお問い合わせは、ほかの方に見えないところで承ります。続きをダイレクトメッセージでお送りします。"
        "ウェブの窓口もお使いいただけます。"
    ),
    Aside.NOT_YOURS: "このボタンは、質問された方だけがお使いいただけます。",
}


_CHOICES: dict[Aside, tuple[Choice, ...]] = {Aside.ERASE: taps.offer(Tap.ERASE_SURELY, Tap.LEAVE_IT)}


def aside_message(gateway: Gateway, aside: Aside, channel: str) -> Message:
    """The message of this code on this channel."""
    if aside is Aside.WELCOME:
        return notices.welcome(gateway, channel)
    if aside is Aside.ERASED:
        return notices.deleted()
    return Message(kind="notice", parts=(fixed(_TEXTS[aside]),), choices=_CHOICES.get(aside, ()))
