"""Which words of a question a text accounts for: what it leaves open is what another quote has to bring."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

from bot.policy.lexical import Word, open_analyzer
from bot.policy.search import Query, Searcher

Name = tuple[Word, ...]


@dataclass(frozen=True)
class Coverage:
    """The words of a question that its policy says, itself or in other words.

    Attributes:
        weights: for each word how rare it is in the policy.
        names: for each word the ways to say it: itself, and the policy's names for the phrase it stands in.
    """

    weights: Mapping[str, float]
    names: Mapping[str, Sequence[Name]]

    @classmethod
    def of(cls, query: Query, searcher: Searcher, words: Iterable[Word] | None = None) -> Self:
        """Reads a question against the policy of a searcher; `words` are those of it that count, by default all."""
        renderings: dict[str, list[Name]] = {}
        for offer, _ in query.offers:
            for form in offer.phrase:
                renderings.setdefault(form, []).extend(words_of(name) for name in offer.alternatives)
        counted = {word.form: word for word in (query.words if words is None else words)}
        ways: dict[str, list[Name]] = {
            form: ([(word,)] if searcher.words.knows(word) else []) + renderings.get(form, [])
            for form, word in counted.items()
        }
        said = {form: names for form, names in ways.items() if names}
        return cls({form: searcher.words.rarity(counted[form]) for form in said}, said)

    @property
    def total(self) -> float:
        """The weight of everything the policy could account for."""
        return sum(self.weights.values())

    def explained(self, text: str) -> frozenset[str]:
        """The question's words that a text says, itself or by another name."""
        said = terms_of(text)
        return frozenset(form for form, ways in self.names.items() if any(_is_said(name, said) for name in ways))

    def weight(self, forms: Iterable[str]) -> float:
        """How much of the question these words are, 0 to 1."""
        return sum(self.weights[form] for form in forms) / self.total if self.total else 0.0

    def share(self, text: str) -> float:
        """How much of the question a text accounts for, 0 to 1."""
        return self.weight(self.explained(text))


def _is_said(name: Name, said: frozenset[str]) -> bool:
    return all(not said.isdisjoint(word.terms) for word in name)


@lru_cache(maxsize=8192)
def words_of(text: str) -> Name:
    """Content words of a text that is asked for again and again: a sentence of a policy, a name of the map."""
    return tuple(open_analyzer().words(text))


@lru_cache(maxsize=8192)
def terms_of(text: str) -> frozenset[str]:
    """Words and synonym groups of such a text."""
    return frozenset(term for word in words_of(text) for term in word.terms)
