"""Japanese words in Latin letters, read back into katakana."""

from __future__ import annotations

import re

_ROWS = {
    "": "アイウエオ", "k": "カキクケコ", "s": "サシスセソ", "t": "タチツテト", "n": "ナニヌネノ", "h": "ハヒフヘホ",
    "m": "マミムメモ", "r": "ラリルレロ", "g": "ガギグゲゴ", "z": "ザジズゼゾ", "d": "ダヂヅデド", "b": "バビブベボ",
    "p": "パピプペポ",
}  # fmt: skip
_SYLLABLES = {
    **{row + vowel: kana for row, kanas in _ROWS.items() for vowel, kana in zip("aiueo", kanas, strict=True)},
    **{
        row + "y" + vowel: _ROWS[row][1] + small
        for row in ("k", "s", "t", "n", "h", "m", "r", "g", "z", "b", "p")
        for vowel, small in zip("auo", "ャュョ", strict=True)
    },
    **{
        row + vowel: kana + small
        for row, kana in (("sh", "シ"), ("ch", "チ"), ("j", "ジ"))
        for vowel, small in zip("aiuo", ("ャ", "", "ュ", "ョ"), strict=True)
    },
    "ya": "ヤ", "yu": "ユ", "yo": "ヨ", "wa": "ワ", "wo": "ヲ", "fu": "フ", "tsu": "ツ", "n": "ン", "m": "ン",
}  # fmt: skip
_LONGEST_FIRST = sorted(_SYLLABLES, key=len, reverse=True)
_READ = re.compile("|".join(_LONGEST_FIRST))
_WHOLE = re.compile(rf"(?:{'|'.join(_LONGEST_FIRST)})+")
_LONG_O = re.compile(r"oh(?![aiueoy])")
_DOUBLED = re.compile(r"([kstcp])(?=\1|ch)")


def in_katakana(word: str) -> str | None:
    """The word in katakana (Hepburn or 訓令式); None when it is not Japanese."""
    plain = _DOUBLED.sub("", _LONG_O.sub("ou", word.lower()))
    if not _WHOLE.fullmatch(plain):
        return None
    return _READ.sub(lambda match: _SYLLABLES[match.group()], plain)
