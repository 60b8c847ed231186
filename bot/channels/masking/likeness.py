"""How much a piece of text looks like a person's name, whatever stands around it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import IntEnum

from bot.channels.masking.dictionary import NAME, Kind, NameDictionary, Token

_KANJI = "\u3005\u3006\u30f5\u30f6\u4e00-\u9fff\u3400-\u4dbf\uf900-\ufaff"
_WRITTEN = re.compile(rf"[{_KANJI}ノ]*[ぁ-ゖー]*|[{_KANJI}ノ]*[ァ-ヺー]*[{_KANJI}]?")
_ALL_KANJI = re.compile(rf"[{_KANJI}ノ]+")
_ALL_KATAKANA = re.compile("[ァ-ヺー]+")
_LONGEST_PART = 8
_LONGEST_GIVEN_IN_KANJI = 3
# The surnames of one character that are met most, and are words too: 「森です」 is somebody, 「夏です」 is not.
_ONE_KANJI = frozenset("林森原谷東南関星泉辻堀岡菅桂柳沢浜滝畑金")
# Listed as a name, and hardly ever one where people write to a privacy desk.
_WORDS = frozenset(("楽天", "無理", "奥", "神", "王", "何", "運", "仲居"))


# A verb's form may be a name in kana (のぞみ).
_PARTS_OF_NAMES = frozenset({"名詞", "動詞"})


class Likeness(IntEnum):
    """Each step is rarer among words that are no names."""

    NONE = 0
    UNKNOWN = 1  # no word of the dictionary, as rare names are
    LISTED = 2  # a name among other things (さくら, 川崎)
    SURNAME = 3  # a surname first of all (佐藤)
    FULL = 4  # a surname and a given name


def likeness(written: str, dictionary: NameDictionary) -> Likeness:
    """Judges a piece of folded text by its script and the dictionary."""
    parts = written.split()
    if not all(_WRITTEN.fullmatch(part) and len(part) <= _LONGEST_PART for part in parts):
        return Likeness.NONE
    match parts:
        case [word]:
            return _of_one(word, dictionary)
        case [surname, given] if _are_full(surname, given, dictionary):
            return Likeness.FULL
        case _:
            return Likeness.NONE


def surnames(full: str, dictionary: NameDictionary) -> frozenset[str]:
    """What may be the surname in a full name; nothing when it is none."""
    if likeness(full, dictionary) is not Likeness.FULL:
        return frozenset()
    first, *others = full.split()
    return frozenset([first] if others else (full[:cut] for cut in _cuts(full, dictionary)))


def _of_one(written: str, dictionary: NameDictionary) -> Likeness:
    kinds = dictionary.kinds(written)
    if written in _WORDS:
        return Likeness.NONE
    if not kinds & (Kind.WORD | Kind.PLACE | Kind.PROPER) and any(_cuts(written, dictionary)):
        return Likeness.FULL
    return _of_word(written, kinds, dictionary)


def _of_word(written: str, kinds: Kind, dictionary: NameDictionary) -> Likeness:
    tokens = dictionary.tokens(written)
    if written in _ONE_KANJI or (len(tokens) == 1 and tokens[0].kind is Kind.SURNAME):
        return Likeness.SURNAME
    if not kinds & NAME:
        return Likeness.UNKNOWN if _is_rare(written, kinds, tokens) else Likeness.NONE
    if len(tokens) == 1 and tokens[0].part not in _PARTS_OF_NAMES:
        return Likeness.NONE
    if kinds & Kind.WORD and kinds & NAME is Kind.PERSON:
        return Likeness.NONE
    is_common = len(tokens) == 1 and tokens[0].kind is Kind.WORD
    return Likeness.UNKNOWN if is_common and len(written) > 1 and _ALL_KANJI.fullmatch(written) else Likeness.LISTED


def _is_rare(written: str, kinds: Kind, tokens: list[Token]) -> bool:
    """Whether no entry speaks against a name: neither of the whole nor of a word of some length in it."""
    is_one_script = _ALL_KANJI.fullmatch(written) or _ALL_KATAKANA.fullmatch(written)
    return bool(is_one_script and not kinds & (Kind.WORD | Kind.PROPER)) and not any(
        token.is_grammar or (token.kind is Kind.WORD and len(token.surface) > 1) for token in tokens
    )


def _cuts(written: str, dictionary: NameDictionary) -> Iterator[int]:
    """Where it can be cut into a surname and a given name; in kana neither has only one character."""
    for cut in range(1, len(written)):
        surname, given = written[:cut], written[cut:]
        is_kana = not _ALL_KANJI.fullmatch(surname)
        if is_kana and min(len(surname), len(given)) == 1:
            continue
        if _is_surname(surname, dictionary) and _is_given(given, dictionary):
            yield cut


def _are_full(surname: str, given: str, dictionary: NameDictionary) -> bool:
    """Of two words with a space between, one may be rare."""
    known = _is_surname(surname, dictionary), _is_given(given, dictionary)
    return all(known) or (
        any(known) and min(_of_one(surname, dictionary), _of_one(given, dictionary)) >= Likeness.UNKNOWN
    )


def _is_surname(written: str, dictionary: NameDictionary) -> bool:
    return written not in _WORDS and bool(dictionary.kinds(written) & Kind.SURNAME)


def _is_given(written: str, dictionary: NameDictionary) -> bool:
    """As listed, or two or three kanji that are no word and of which each is a given name too (希星)."""
    kinds = dictionary.kinds(written)
    if kinds & Kind.GIVEN:
        return True
    return (
        not kinds
        and 1 < len(written) <= _LONGEST_GIVEN_IN_KANJI
        and _ALL_KANJI.fullmatch(written) is not None
        and all(dictionary.kinds(character) & NAME for character in written)
    )
