"""What the tokenizer's dictionary knows of names (名詞,固有名詞,人名 with 姓, 名 or 一般), and of other words."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Flag, auto
from functools import lru_cache

from sudachipy import Dictionary, Morpheme, SplitMode

_HIRAGANA_TO_KATAKANA = {code: code + 0x60 for code in range(0x3041, 0x3097)}
# Variants in family registers that stand in few words of the dictionary; one character each, so that places stay.
_VARIANTS = str.maketrans("髙﨑邊邉齋齊澤濱廣德槗嶋嶌桒栁", "高崎辺辺斎斉沢浜広徳橋島島桑柳")
_GRAMMAR = frozenset({"助詞", "助動詞", "接続詞", "補助記号", "記号", "空白"})
_INFLECTED = frozenset({"動詞", "形容詞"})
_PERSON = "人名"


class Kind(Flag):
    """What the entries of a written word are, all together."""

    NOTHING = 0
    SURNAME = auto()
    GIVEN = auto()
    PERSON = auto()
    PLACE = auto()
    PROPER = auto()
    WORD = auto()


NAME = Kind.SURNAME | Kind.GIVEN | Kind.PERSON
_KINDS = {(_PERSON, "姓"): Kind.SURNAME, (_PERSON, "名"): Kind.GIVEN, (_PERSON, "一般"): Kind.PERSON}


@dataclass(frozen=True)
class Token:
    """One word of a text as the dictionary cuts it there, and what it takes it for."""

    start: int
    end: int
    surface: str
    part: str
    kind: Kind

    @property
    def is_grammar(self) -> bool:
        """Particles, auxiliaries, conjunctions, punctuation and spaces."""
        return self.part in _GRAMMAR

    @property
    def is_verb(self) -> bool:
        """A verb or adjective that is written with kanji; in kana a name may look like one (のぞみ)."""
        return self.part in _INFLECTED and any("\u4e00" <= character <= "\u9fff" for character in self.surface)


class NameDictionary:
    """Cuts texts, and tells what a word may be whatever the text around it."""

    def __init__(self) -> None:
        self._dictionary = Dictionary(dict="core")
        # The longest words: 三井住友銀行 is one, so no surname is seen in it.
        self._tokenizer = self._dictionary.tokenizer(mode=SplitMode.C)
        # One tokenizer must not be used by two threads at once.
        self._lock = threading.Lock()
        self._parts: dict[int, tuple[str, Kind]] = {}

    def tokens(self, text: str) -> list[Token]:
        """Everything a folded text is cut into, in order."""
        with self._lock:
            return [self._token(morpheme, text) for morpheme in self._tokenizer.tokenize(text.translate(_VARIANTS))]

    def kinds(self, written: str) -> Kind:
        """What the word may be; a name in hiragana is looked up in katakana too, which has more of them."""
        kind = self._looked_up(written.translate(_VARIANTS))
        katakana = written.translate(_HIRAGANA_TO_KATAKANA)
        return kind | (self._looked_up(katakana) & NAME if katakana != written else Kind.NOTHING)

    def _looked_up(self, written: str) -> Kind:
        kind = Kind.NOTHING
        for entry in self._dictionary.lookup(written):
            kind |= self._of_part(entry.part_of_speech_id(), entry)[1]
        return kind

    def _token(self, morpheme: Morpheme, text: str) -> Token:
        part, kind = self._of_part(morpheme.part_of_speech_id(), morpheme)
        start, end = morpheme.begin(), morpheme.end()
        return Token(start, end, text[start:end], part, Kind.NOTHING if morpheme.is_oov() else kind)

    def _of_part(self, part_id: int, morpheme: Morpheme) -> tuple[str, Kind]:
        """The part of speech with this number and what a word of it is; the dictionary has some hundreds of them."""
        if part_id not in self._parts:
            part = morpheme.part_of_speech()
            self._parts[part_id] = (part[0], _kind(part))
        return self._parts[part_id]


@lru_cache(maxsize=1)
def open_dictionary() -> NameDictionary:
    """The dictionary of this process; it is mapped once."""
    return NameDictionary()


def _kind(part: Sequence[str]) -> Kind:
    if part[1] != "固有名詞":
        return Kind.WORD
    return Kind.PLACE if part[2] == "地名" else _KINDS.get((part[2], part[3]), Kind.PROPER)
