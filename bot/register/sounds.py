"""How a Japanese text sounds: one katakana line for every way to write the same words."""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from sudachipy import Dictionary, Morpheme, SplitMode, Tokenizer

_KANJI = re.compile(r"[\u3005\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_HIRAGANA_TO_KATAKANA = {code: code + 0x60 for code in range(0x3041, 0x3097)}
# A drawn-out vowel (けして〜, おねがーい) is emphasis unless it belongs to a word in katakana (メール, データ).
_EMPHASIS = re.compile(r"(?<=[\u3041-\u3096])[ー〜~]+|[〜~]+|ー{2,}|(?<=[。、！？!?])ー+")
_SPACE = re.compile(r"\s+")
# Negated verbs of the western dialects (流さんといて), which the dictionary takes for nouns (流産).
_VERBS = str.maketrans({"流": "なが", "渡": "わた", "回": "まわ", "出": "だ", "消": "け", "残": "のこ", "漏": "も"})
_NEGATED = re.compile(r"[流渡回出消残漏](?=さん(?:と|で|とこ))")
# How the characters sound that stand for one another where a word of the law is misspelt (提共, 亭止, 会示).
_SOUNDS = {
    character: heard
    for heard, characters in {
        "テイ": "提停訂低底亭定堤程呈抵廷邸庭",
        "キョウ": "供共協況恭響教",
        "シ": "止士志史紙誌資支始",
        "カイ": "開会回改解快階界",
        "ジ": "示字事時治次自持児",
        "セイ": "正生性成制政整精請声製清",
        "ショウ": "消昇商証承照唱",
        "キョ": "去居虚距許拠",
        "サク": "削策作錯索",
        "ジョ": "除徐序助叙",
        "リ": "利理里履",
        "ヨウ": "用要容様洋",
        "ツイ": "追墜椎",
        "カ": "加可果課価科",
        "キ": "記紀起",
        "ロク": "録緑",
        "ク": "苦句",
        "ジョウ": "情状条上",
        "タイ": "退体対",
        "ヤク": "約役訳",
        "ハイ": "配廃背",
        "シン": "信真振",
    }.items()
    for character in characters
}
# The dictionary refuses longer texts; no member writes so much in one message.
_LONGEST = 4000
# The tokenizer refuses to be used by two threads at once, and members speak at once.
_alone = threading.Lock()


@lru_cache(maxsize=1)
def _tokenizer() -> Tokenizer:
    return Dictionary(dict="core").tokenizer(mode=SplitMode.C)


def sound(text: str) -> str:
    """The text in katakana, lower-case Latin letters, digits and punctuation.

    Only the first 4000 characters count. Never raises: what has no reading stays as it is written.
    """
    folded = unicodedata.normalize("NFKC", text[:_LONGEST].replace("\x00", "")).lower()
    plain = _SPACE.sub(" ", _EMPHASIS.sub("", folded.encode("utf-8", "ignore").decode()))
    plain = _NEGATED.sub(lambda match: match[0].translate(_VERBS), plain)
    with _alone:
        return "".join(_sounds_of(list(_tokenizer().tokenize(plain[:_LONGEST]))))


def _sounds_of(morphemes: list[Morpheme]) -> Iterator[str]:
    """Two words of one character each in a row are a misspelt one where both are among `_SOUNDS`."""
    strays = [_SOUNDS.get(str(morpheme.surface())) for morpheme in morphemes]
    for place, morpheme in enumerate(morphemes):
        beside = strays[place - 1 : place] + strays[place + 1 : place + 2]
        yield strays[place] or "" if strays[place] and any(beside) else _sound_of(morpheme)


def _sound_of(morpheme: Morpheme) -> str:
    surface = str(morpheme.surface())
    if _KANJI.search(surface):
        return str(morpheme.reading_form()) or surface
    return surface.translate(_HIRAGANA_TO_KATAKANA)
