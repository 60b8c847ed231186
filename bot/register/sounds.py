"""How a Japanese text sounds: one katakana line for every way to write the same words."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from sudachipy import Dictionary, Morpheme, SplitMode, Tokenizer

_KANJI = re.compile(r"[\u3005\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_HIRAGANA_TO_KATAKANA = {code: code + 0x60 for code in range(0x3041, 0x3097)}
# A drawn-out vowel (けして〜, おねがーい) is emphasis unless it belongs to a word in katakana (メール, データ).
_EMPHASIS = re.compile(r"(?<=[\u3041-\u3096])[ー〜~]+|[〜~]+|ー{2,}|(?<=[。、！？!?])ー+")
_SPACE = re.compile(r"\s+")
# The dictionary refuses longer texts; no member writes so much in one message.
_LONGEST = 4000


@lru_cache(maxsize=1)
def _tokenizer() -> Tokenizer:
    return Dictionary(dict="core").tokenizer(mode=SplitMode.C)


def sound(text: str) -> str:
    """The text in katakana, lower-case Latin letters, digits and punctuation.

    Only the first 4000 characters count. Never raises: what has no reading stays as it is written.
    """
    folded = unicodedata.normalize("NFKC", text[:_LONGEST].replace("\x00", "")).lower()
    plain = _SPACE.sub(" ", _EMPHASIS.sub("", folded.encode("utf-8", "ignore").decode()))
    return "".join(_sound_of(morpheme) for morpheme in _tokenizer().tokenize(plain[:_LONGEST]))


def _sound_of(morpheme: Morpheme) -> str:
    surface = str(morpheme.surface())
    if _KANJI.search(surface):
        return str(morpheme.reading_form()) or surface
    return surface.translate(_HIRAGANA_TO_KATAKANA)
