"""Everyday words that stand for several kinds, and the one short question that tells them apart."""

from __future__ import annotations

import re
from dataclasses import dataclass

from actions import texts
from actions.wishes import asks
from bot.register.kinds import Kind


@dataclass(frozen=True)
class Meaning:
    """One thing that the words may have meant, as a button and as it is typed.

    Attributes:
        title: of the button.
        value: its name in payloads.
        kinds: what is asked for then.
        said: what in an answer means it, as a regular expression.
        stops_advertising: whether it is the wish to hear no more from the company.
    """

    title: str
    value: str
    kinds: tuple[Kind, ...]
    said: str
    stops_advertising: bool = False


@dataclass(frozen=True)
class Narrowing:
    """A question with its answers, the likeliest first."""

    question: str
    meanings: tuple[Meaning, ...]

    @property
    def kinds(self) -> frozenset[Kind]:
        """Everything it may end in."""
        return frozenset(kind for meaning in self.meanings for kind in meaning.kinds)

    def pressed(self, value: str) -> Meaning | None:
        """The meaning of a button."""
        return next((meaning for meaning in self.meanings if meaning.value == value), None)

    def typed(self, text: str) -> Meaning | None:
        """The one meaning that an answer names; None when it names none or several, or asks something itself."""
        exact = [meaning for meaning in self.meanings if meaning.title == text.strip()]
        found = exact or ([] if asks(text) else [one for one in self.meanings if re.search(one.said, text)])
        return found[0] if len(found) == 1 else None


MEND, STOP, REMOVE = "mend", "stop", "remove"

NARROWINGS = {
    MEND: Narrowing(
        texts.ASK_MEND,
        (
            Meaning(texts.CHOICE_CORRECT, "correct", (Kind.CORRECTION,), "直|なお|訂正|変更|変え|書き換え"),
            Meaning(texts.CHOICE_ADD_ITEM, "add", (Kind.ADDITION,), "足|たし|追加|加え|追記"),
            Meaning(texts.CHOICE_TAKE_OUT, "take_out", (Kind.DELETION,), "除|のぞ|削除|消|けし"),
        ),
    ),
    STOP: Narrowing(
        texts.ASK_STOP,
        (
            Meaning(texts.CHOICE_STOP_USE, "use", (Kind.USE_STOP,), "使|つか|利用停止|利用の停止"),
            Meaning(
                texts.CHOICE_STOP_GIVING,
                "giving",
                (Kind.THIRD_PARTY_STOP,),
                "渡|わた|提供|共有|ほかの会社|他の会社|他社",
            ),
            Meaning(
                texts.CHOICE_STOP_ADVERTISING,
                "advertising",
                (Kind.USE_STOP,),
                "広告|宣伝|メール|メルマガ|配信|(?i:dm)|ＤＭ|ダイレクト",
                stops_advertising=True,
            ),
            Meaning(
                texts.CHOICE_STOP_BOTH,
                "both",
                (Kind.USE_STOP, Kind.THIRD_PARTY_STOP),
                "両方|どちらも|どっちも|全部|ぜんぶ",
            ),
        ),
    ),
    REMOVE: Narrowing(
        texts.ASK_REMOVE,
        (
            Meaning(
                texts.CHOICE_ERASE,
                "erase",
                (Kind.ERASURE,),
                "消去|持っている|残|いらない|不要|使わ|全部|ぜんぶ|すべて|退会",
            ),
            Meaning(
                texts.CHOICE_TAKE_OUT_WRONG,
                "take_out",
                (Kind.DELETION,),
                "間違|まちが|誤|違う|違って|ちがう|ちがって|事実|古い",
            ),
        ),
    ),
}
"""What each name in payloads and slots asks; what a company shall no longer keep is likelier than a wrong item."""
