"""What a short text wishes for: a right, the way to it, other words, the desk."""

from __future__ import annotations

import re

_WISH = re.compile(r"たい|ほしい|欲しい|ください|下さい|くれ|お願い|おねがい|もらえ|やめて|止めて|消して|直して|見せて")
_HOW = re.compile(r"どの|どこ|どう(すれば|したら|やって|やったら)|方法|手順|やり方|しかた|仕方")
# The three below match only a whole text: a question that mentions the desk stays a question.
_LEAD = r"(?:はい|うん|ええ|では|じゃあ?|それ(?:なら|では|じゃあ?)|なら|お願いします|そうですね|ぜひ|[、。,\s])*"
_END = r"(?:か|よ|ね)?[。!！?？\s]*"
_ASK_DESK = re.compile(
    _LEAD
    + r"(?:この|その|今の|さっきの)?(?:質問|内容|件|こと|これ|それ)?(?:を|について|は)?"
    + r"(?:窓口|担当(?:者|の方)?|そちら|会社)?(?:に|へ|で|の方に)?(?:質問(?:を)?|問い合わせ(?:を)?)?"
    + r"(?:聞い|きい|訊い|尋ね|たずね|問い合わせ|確認し|送っ|伝え|質問し|回し|お願いし)(?:て|で)?"
    + r"(?:みる|みて|みます|みたい(?:です)?|おいて|ほしい(?:です)?|欲しい(?:です)?"
    + r"|もらえますか|もらえる|もらいたい(?:です)?)?"
    + r"(?:くれますか|くれる|いただけますか|ください|下さい|たい(?:です)?|ます|る)?"
    + _END
)
_REWRITES = re.compile(r"(?:文を?)?(?:書き直|書きなお|書き換え|書きかえ|直し|なおし|修正|変え|編集)\w{0,8}[。!！\s]*")
_AS_IT_IS = re.compile(
    _LEAD
    + r"(?:この|その)?(?:文|まま|ままの文|それ)?(?:で|を|の)?(?:このまま|そのまま)?(?:で|の文で)?"
    + r"(?:いい|良い|よい|大丈夫|ok|進む|進めて|送る|送って|送信)(?:です|ください|下さい|して)?"
    + _END,
    re.IGNORECASE,
)


def is_wish(text: str) -> bool:
    """Whether it is worded as a wish."""
    return _WISH.search(text) is not None


def asks_how(text: str) -> bool:
    """Whether it asks for the way, and wishes for nothing yet."""
    return _HOW.search(text) is not None and not is_wish(text)


def wants_desk(text: str) -> bool:
    """Whether it only says to take to the desk what was asked before."""
    return _ASK_DESK.fullmatch(text.strip()) is not None


def wants_rewriting(text: str) -> bool:
    """Whether it only says that words shall be changed."""
    return _REWRITES.fullmatch(text.strip()) is not None


def wants_as_it_is(text: str) -> bool:
    """Whether it only says that words may stay as they are."""
    return _AS_IT_IS.fullmatch(text.strip()) is not None
