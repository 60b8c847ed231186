"""A question as members write it who leave the kanji out: on a phone, by voice, or because they are children."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from sudachipy import Dictionary, Morpheme, SplitMode, Tokenizer

_KANJI = re.compile(r"[\u3005\u3400-\u4dbf\u4e00-\u9fff]")
_KATAKANA_WORD = re.compile(r"[\u30a1-\u30fa\u30fc]{2,}")
_KATAKANA_TO_HIRAGANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}


def in_kana(text: str) -> str:
    """The text with its kanji and its words in katakana spelt out in hiragana; all else stays, NFKC-folded."""
    return "".join(map(_spelt, _tokenizer().tokenize(unicodedata.normalize("NFKC", text))))


@lru_cache(maxsize=1)
def _tokenizer() -> Tokenizer:
    return Dictionary(dict="core").tokenizer(mode=SplitMode.C)


def _spelt(morpheme: Morpheme) -> str:
    surface = str(morpheme.surface())
    if _KANJI.search(surface):
        return str(morpheme.reading_form()).translate(_KATAKANA_TO_HIRAGANA)
    return surface.translate(_KATAKANA_TO_HIRAGANA) if _KATAKANA_WORD.fullmatch(surface) else surface
