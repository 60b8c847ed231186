"""Words: Sudachi's normal forms and synonym groups, and BM25 over them."""

from __future__ import annotations

import threading
import unicodedata
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


class Analyzer:
    """Cuts text into content words; particles, auxiliaries and punctuation are dropped."""

    def __init__(self) -> None:
        self._tokenizer = Dictionary(dict="core").tokenizer(mode=SplitMode.A)
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
        with self._lock:
            return [
                morpheme.normalized_form()
                for morpheme in self._tokenizer.tokenize(unicodedata.normalize("NFKC", text))
                if morpheme.part_of_speech()[0] not in _GRAMMAR or morpheme.normalized_form() in _NEGATIONS
            ]


@lru_cache(maxsize=1)
def open_analyzer() -> Analyzer:
    """The analyzer of this process; the dictionary is mapped once."""
    return Analyzer()


class LexicalIndex:
    """BM25 over a handful of texts, and how rare each word is among them."""

    def __init__(self, texts: Iterable[str], analyzer: Analyzer) -> None:
        self._terms = [[term for word in analyzer.words(text) for term in word.terms] for text in texts]
        self._sets = [frozenset(terms) for terms in self._terms]
        self._count = len(self._terms)
        self._vocabulary = frozenset().union(*self._sets)
        self._bm25 = bm25s.BM25(k1=1.2, b=0.75, method="lucene")
        self._bm25.index(self._terms, show_progress=False)

    def scores(self, words: Sequence[Word]) -> npt.NDArray[np.float32]:
        """BM25 of every text for these words; zeros when no word is known."""
        known = [term for word in words for term in word.terms if term in self._vocabulary]
        if not known:
            return np.zeros(self._count, dtype=np.float32)
        return np.asarray(self._bm25.get_scores(known), dtype=np.float32)

    def rarity(self, word: Word) -> float:
        """Inverse document frequency of the word or, if smaller, of a synonym group of it."""
        frequency = max(sum(term in terms for terms in self._sets) for term in word.terms)
        return float(np.log(1 + (self._count - frequency + 0.5) / (frequency + 0.5)))

    def knows(self, word: Word) -> bool:
        """Whether the word or a synonym stands in any of the texts."""
        return any(term in self._vocabulary for term in word.terms)

    def holds(self, place: int, word: Word) -> bool:
        """Whether the word or a synonym stands in the text at `place`."""
        return not self._sets[place].isdisjoint(word.terms)
