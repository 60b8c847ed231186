"""A question as members write it who leave the kanji out: on a phone, by voice, or because they are children."""

from __future__ import annotations

import re

from bot.policy.lexical import Token, open_analyzer

_KANJI = re.compile(r"[\u3005\u3400-\u4dbf\u4e00-\u9fff]")
_KATAKANA_WORD = re.compile(r"[\u30a1-\u30fa\u30fc]{2,}")
_KATAKANA_TO_HIRAGANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}


def in_kana(text: str) -> str:
    """The text with its kanji and its words in katakana spelt out in hiragana; all else stays, NFKC-folded."""
    return "".join(map(_spelt, open_analyzer().tokens(text)))


def _spelt(token: Token) -> str:
    if _KANJI.search(token.surface):
        return token.reading.translate(_KATAKANA_TO_HIRAGANA)
    is_katakana = _KATAKANA_WORD.fullmatch(token.surface) is not None
    return token.surface.translate(_KATAKANA_TO_HIRAGANA) if is_katakana else token.surface
