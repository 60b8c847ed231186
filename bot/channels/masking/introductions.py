"""Names that the words around them announce: 「氏名：…」, 「…と申します」, 「…様」, 「…です」."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.channels.masking.likeness import Likeness
from bot.channels.masking.line import HONORIFICS, Line, Span

_SENTENCE_START = re.compile(r"(?:^|[。、,.!?～~…\s]|[たの]|えっと|えーと|あのー?|こちら|もしもし|どうも|すみません)$")
_SPEAKER = re.compile(
    r"(?:私|わたし|わたくし|あたし|僕|ぼく|俺|おれ|当方|自分|(?:本人|会員|担当|代理人|旧姓|新姓)の?|名前は|氏名は|以前は|今は|前は)"
    r"(?:は|が|、|,|\s|こと)*$"
)
# Behind a label a name stands for itself, or turns into another one: 「名前は韓国に送られますか」 has none.
_STANDS = re.compile(
    r"\s?(?:$|[。、,.!?()/]|\s|です|でした|でお|だ|と(?:申|もう|いい|言い)|から|じゃ|では|に(?:な|変|直|訂正|して|戻)|のまま)"
)


@dataclass(frozen=True)
class _Tail:
    """What follows a name, and how much of a name must stand before it.

    Attributes:
        pattern: the words that follow.
        of_speaker: the least likeness after words for the speaker (私は…).
        at_start: the least likeness at the start of a sentence.
        anywhere: the least likeness elsewhere.
    """

    pattern: re.Pattern[str]
    of_speaker: Likeness
    at_start: Likeness
    anywhere: Likeness

    def needed(self, before: str) -> Likeness:
        """What this place asks for, by the text before it."""
        if _SPEAKER.search(before):
            return self.of_speaker
        return self.at_start if _SENTENCE_START.search(before) else self.anywhere


_TAILS = (
    _Tail(
        re.compile(r"\s?(?:と|って)(?:申|もう|名乗|いいま|言いま|(?:いう|言う)(?:者|もの|名)|者)"),
        of_speaker=Likeness.UNKNOWN,
        at_start=Likeness.UNKNOWN,
        anywhere=Likeness.UNKNOWN,
    ),
    _Tail(
        re.compile(rf"\s?(?:{'|'.join(HONORIFICS)})(?!名)"),
        of_speaker=Likeness.LISTED,
        at_start=Likeness.LISTED,
        anywhere=Likeness.LISTED,
    ),
    _Tail(
        re.compile(
            r"\s?(?:で[ーぇ]*す|でした|でございます|な(?:ん|の)です|だけど|だよ|だが|やけど"
            r"|(?:と|って)(?:いう|言う)ん|より(?=[。\s]|$))"
        ),
        of_speaker=Likeness.LISTED,
        at_start=Likeness.SURNAME,
        anywhere=Likeness.FULL,
    ),
    _Tail(
        re.compile(r"に(?:名前|氏名|名字|苗字|姓)を?(?:変|直|訂正)"),
        of_speaker=Likeness.SURNAME,
        at_start=Likeness.SURNAME,
        anywhere=Likeness.SURNAME,
    ),
)


@dataclass(frozen=True)
class _Label:
    """What announces a name, and how much of a name must follow."""

    pattern: re.Pattern[str]
    needed: Likeness


_LABELS = (
    _Label(
        re.compile(
            r"(?:(?:名前|なまえ|氏名|本名|(?:会員|登録|契約者|予約者|ユーザー)名|宛名|名義人?|姓|名字|苗字|[フふ][リり][ガが][ナな]|署名)"
            r"(?:\s?[はがを:(]\s?|\s)|(?:旧姓|新姓)[はがの:\s]?|お名前"
            r"|(?:(?:予約|契約|申請|請求|申込|登録|連絡|記入)者|差出人|代理人|本人)(?:\s?[は:(]\s?|\s))"
        ),
        Likeness.UNKNOWN,
    ),
    _Label(re.compile(r"(?:結婚|再婚|離婚|改姓)(?:して|し|で|により)?、?"), Likeness.SURNAME),
)


def labelled(line: Line) -> Iterator[Span]:
    """What stands behind a label such as 氏名."""
    for label in _LABELS:
        for match in label.pattern.finditer(line.text):
            for span in line.starting_at(match.end()):
                if line.likeness(span) >= label.needed and _STANDS.match(line.text, span[1]):
                    yield span
                    break


def introduced(line: Line) -> Iterator[Span]:
    """What stands before the words that follow names."""
    for tail in _TAILS:
        for match in tail.pattern.finditer(line.text):
            for span in line.ending_at(match.start()):
                if line.likeness(span) >= tail.needed(line.text[: span[0]]):
                    yield span
                    break
