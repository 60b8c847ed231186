"""Words: Sudachi's normal forms and synonym groups, and BM25 over them."""

from __future__ import annotations

import threading
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import bm25s
import numpy as np
import numpy.typing as npt
import yaml
from sudachipy import Dictionary, SplitMode

_CONTENT = frozenset({"名詞", "動詞", "形容詞", "形状詞", "副詞", "接尾辞", "接頭辞", "感動詞"})
_GRAMMAR = frozenset({"助詞", "助動詞", "記号", "補助記号", "空白"})
_NEGATIONS = frozenset({"ない", "ぬ", "ず"})
_EMPTY_WORDS = Path(__file__).parent / "data" / "empty_words.yml"


@dataclass(frozen=True)
class Word:
    """One content word.

    Attributes:
        form: normalized form (口コミ, 消す).
        groups: ids of Sudachi's synonym groups, written `g<number>`.
    """

    form: str
    groups: tuple[str, ...]

    @property
    def terms(self) -> tuple[str, ...]:
        """What is counted: the word itself and each of its synonym groups."""
        return (self.form, *self.groups)


@dataclass(frozen=True)
class Token:
    """One piece of a text as the dictionary cuts it: as written, normalized, read aloud, and what part of speech."""

    surface: str
    form: str
    reading: str
    part: str
    is_number: bool
    is_person: bool


class Analyzer:
    """Cuts text into content words; particles, auxiliaries and punctuation are dropped."""

    def __init__(self) -> None:
        self._dictionary = Dictionary(dict="core")
        self._tokenizer = self._dictionary.tokenizer(mode=SplitMode.A)
        # Words that would make any two texts look alike.
        self._empty = frozenset(yaml.safe_load(_EMPTY_WORDS.read_text(encoding="utf-8")))
        # One tokenizer must not be used by two threads at once.
        self._lock = threading.Lock()

    def words(self, text: str) -> list[Word]:
        """The content words of a text, in order."""
        with self._lock:
            return [
                Word(morpheme.normalized_form(), tuple(f"g{group}" for group in morpheme.synonym_group_ids()))
                for morpheme in self._tokenizer.tokenize(unicodedata.normalize("NFKC", text))
                if morpheme.part_of_speech()[0] in _CONTENT and morpheme.normalized_form() not in self._empty
            ]

    def forms(self, text: str) -> list[str]:
        """Normalized forms of everything but particles, auxiliaries and punctuation; a negation stays."""
        return [token.form for token in self.tokens(text) if token.part not in _GRAMMAR or token.form in _NEGATIONS]

    def tokens(self, text: str) -> list[Token]:
        """Everything a text is cut into, NFKC-folded, in order."""
        with self._lock:
            return [
                Token(
                    surface=morpheme.surface(),
                    form=morpheme.normalized_form(),
                    reading=morpheme.reading_form(),
                    part=morpheme.part_of_speech()[0],
                    is_number=morpheme.part_of_speech()[1] == "数詞",
                    is_person=morpheme.part_of_speech()[2] == "人名",
                )
                for morpheme in self._tokenizer.tokenize(unicodedata.normalize("NFKC", text))
            ]

    def is_empty(self, form: str) -> bool:
        """Whether nearly every sentence or question has this word."""
        return form in self._empty

    @lru_cache(maxsize=20_000)  # noqa: B019 - there is one analyzer a process
    def readings(self, written: str) -> tuple[str, ...]:
        """How the dictionary reads what is written so; nothing when it is no word of its own."""
        return tuple(dict.fromkeys(entry.reading_form() for entry in self._dictionary.lookup(written)))


@lru_cache(maxsize=1)
def open_analyzer() -> Analyzer:
    """The analyzer of this process; the dictionary is mapped once."""
    return Analyzer()


class LexicalIndex:
    """BM25 over texts, and how rare each word is among them. A text that comes again is analyzed once."""

    def __init__(self, texts: Iterable[str], analyzer: Analyzer) -> None:
        made: dict[str, tuple[list[str], frozenset[str]]] = {}
        rows = [made.get(text) or made.setdefault(text, _terms(text, analyzer)) for text in texts]
        self._sets = [terms for _, terms in rows]
        self._count = len(rows)
        self._frequencies = Counter(term for terms in self._sets for term in terms)
        self._bm25 = bm25s.BM25(k1=1.2, b=0.75, method="lucene")
        self._bm25.index([terms for terms, _ in rows], show_progress=False)

    def scores(self, words: Sequence[Word]) -> npt.NDArray[np.float32]:
        """BM25 of every text for these words; zeros when no word is known."""
        known = [term for word in words for term in word.terms if term in self._frequencies]
        if not known:
            return np.zeros(self._count, dtype=np.float32)
        return np.asarray(self._bm25.get_scores(known), dtype=np.float32)

    def rarity(self, word: Word) -> float:
        """Inverse document frequency of the word or, if smaller, of a synonym group of it."""
        frequency = max(self._frequencies[term] for term in word.terms)
        return float(np.log(1 + (self._count - frequency + 0.5) / (frequency + 0.5)))

    def knows(self, word: Word) -> bool:
        """Whether the word or a synonym stands in any of the texts."""
        return any(term in self._frequencies for term in word.terms)

    def holds_together(self, words: Sequence[Word]) -> bool:
        """Whether one text has all of these words, or synonyms of them."""
        everywhere = [self.scores([word]) > 0 for word in words]
        return bool(np.logical_and.reduce(everywhere).any())

    def holds(self, place: int, word: Word) -> bool:
        """Whether the word or a synonym stands in the text at `place`."""
        return self.holds_any(place, word.terms)

    def holds_any(self, place: int, terms: Iterable[str]) -> bool:
        """Whether any of the terms stands in the text at `place`."""
        return not self._sets[place].isdisjoint(terms)


def _terms(text: str, analyzer: Analyzer) -> tuple[list[str], frozenset[str]]:
    terms = [term for word in analyzer.words(text) for term in word.terms]
    return terms, frozenset(terms)
