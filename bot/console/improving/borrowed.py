"""Text that comes from a member's chat: what must not get into a card, a gap or a question set.

A case is taken from a chat by rewording it; this is the net below the person who confirms that it holds nothing of
anybody. It refuses what is known to be of a person, and nobody may rely on a text being free of names because it
passed (`docs/names.md` has the figures of what the masks find).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from pathlib import Path

import yaml

from bot.channels.masking.dictionary import NAME, Kind, Token, open_dictionary
from bot.channels.masking.folding import fold
from bot.channels.masking.mask import mask

HAS_MASK = "伏せ字（●や［お名前］など）が残っています。一般的な言い方に書き直してください。"
HAS_CONTACT = "連絡先や番号、お名前と思われる言葉（{sorts}）があります。一般的な言い方に書き直してください。"
HAS_NAME = "{place}文字目に、人の名前と思われる言葉があります。一般的な言い方に書き直してください。"
HAS_HEALTH = "体や病気についての言葉があります。「健康情報」など、方針にある一般的な言い方に書き直してください。"

_WORDS = Path(__file__).parent / "health_words.yml"
# The masks of `bot.channels.masking` in either width of bracket, and what people write over a word by hand.
_MASK = re.compile(r"[●○◯■□＊*×✕]{2,}|●|[［\[][^\[\]［］]{1,20}[］\]]")
# Hiragana that the tokenizer cuts wrongly looks like names (まどぐち); such names are found by the words around them.
_NOT_KANA_ONLY = re.compile("[^ぁ-ゖー]")


def refusal_of(text: str, *, spared: frozenset[str] = frozenset(), is_borrowed: bool = True) -> str | None:
    """Why this text may not be kept for everybody to read, as staff read it; None when nothing speaks against it.

    The reason never repeats the word it is about, so that it can be logged.

    Args:
        text: one question or sentence as staff have reworded it.
        spared: what may stay, as `personal_data` gives it: the addresses and names that the policy itself prints.
        is_borrowed: whether it goes back to what a member wrote; words about the body are then refused too, which
            staff may use when they write of such data by themselves.
    """
    if _MASK.search(text):
        return HAS_MASK
    sorts = mask(text, spared=spared).sorts
    if sorts:
        return HAS_CONTACT.format(sorts="、".join(sorts))
    place = _name_in(text, spared)
    if place is not None:
        return HAS_NAME.format(place=place + 1)
    return HAS_HEALTH if is_borrowed and _health_words().search(_tight(text)) else None


def _name_in(text: str, spared: frozenset[str]) -> int | None:
    """Where the first word begins that the tokenizer takes for a person's name in this text."""
    folded = fold(text)
    for line in re.finditer(r"[^\n]{1,4000}", folded.text):
        for token in open_dictionary().tokens(line.group()):
            if _is_name(token) and token.surface not in spared:
                return folded.spans[line.start() + token.start][0]
    return None


def _is_name(token: Token) -> bool:
    """サロン is a name to the dictionary too, so that katakana counts only where it is no other word."""
    if not token.kind & NAME or not _NOT_KANA_ONLY.search(token.surface):
        return False
    is_katakana = all("ァ" <= character <= "ヺ" or character == "ー" for character in token.surface)
    return not (is_katakana and open_dictionary().kinds(token.surface) & Kind.WORD)


@lru_cache(maxsize=1)
def _health_words() -> re.Pattern[str]:
    words: list[str] = yaml.safe_load(_WORDS.read_text(encoding="utf-8"))
    return re.compile("|".join(map(re.escape, map(_tight, words))))


def _tight(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
