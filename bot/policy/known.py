"""Questions that people wrote down beside a policy, each belonging to a card or to a gap, and whose a new one is.

Two questions are alike by meaning (vectors of both as questions) and by words (their own and the policy's words for
them, weighed by rarity). A card has some ten questions, and its neighbours have others that differ in one word; so an
owner is not chosen by its nearest question alone, but by kernel ridge regression over all of them: left out one by
one, the questions of the first policy find their owner among 196 in 65 of 100 cases, by the nearest one in 50.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import log
from pathlib import Path
from types import MappingProxyType

import numpy as np
from scipy.sparse import csr_matrix

from bot.policy.cards import Card, Cards, load_cards
from bot.policy.embedding import Embedder, Vectors
from bot.policy.gaps import Gap, Gaps, load_gaps
from bot.policy.model import Policy
from bot.policy.phrases import BUILT_IN, Phrases, load_phrases
from bot.policy.regression import Meaning, fitted, sharpened
from bot.policy.search import Hit, Query, Searcher, joined
from bot.policy.vector_cache import cached_vectors

# Both found by leaving questions out one by one, where they lie on a plateau.
WORDS_WEIGHT = 0.75
RIDGE = 0.3
# What a passage gains that a card quotes, for each point of the card's score.
LIFT = 1.0
_CLAIMANTS = 3
_NONE_READ: Mapping[str, Query] = MappingProxyType({})

Owner = Card | Gap


@dataclass(frozen=True)
class Match:
    """How likely a question is one of this owner's.

    Attributes:
        owner: the card or gap.
        score: of the regression; near 1 for a question that was written down, near 0 for a foreign one.
        cosine: of the nearest written question of any owner.
    """

    owner: Owner
    score: float
    cosine: float


class KnownQuestions:
    """Every written question of one policy version."""

    def __init__(self, questions: Sequence[tuple[Query, Owner]], vectors: Vectors) -> None:
        self._owners = list({owner.id: owner for _, owner in questions}.values())
        if not questions:
            return
        texts = [_terms_of(query) for query, _ in questions]
        frequency = Counter(term for terms in texts for term in terms)
        self._columns = {term: column for column, term in enumerate(frequency)}
        self._rarity = {term: log(1 + len(texts) / (1 + count)) for term, count in frequency.items()}
        self._new_word = log(1 + len(texts))
        self._words = self._matrix(texts)
        self._meaning = Meaning(vectors)
        self._weights = self._fit(questions, texts)

    def matches(self, query: Query, vectors: Vectors) -> list[Match]:
        """Every owner, the likeliest first; none when nothing is written.

        Args:
            query: what is asked.
            vectors: one row for each of `query.variants`.
        """
        if not self._owners:
            return []
        meaning = sharpened(joined(self._meaning.cosines(vectors), query))
        words = self._shared([_terms_of(query)])[0]
        scores = (meaning + WORDS_WEIGHT * words) @ self._weights
        cosine = float((vectors @ self._meaning.vectors.T).max())
        return [Match(self._owners[i], float(scores[i]), cosine) for i in np.argsort(-scores, kind="stable")]

    def _fit(self, questions: Sequence[tuple[Query, Owner]], texts: Sequence[frozenset[str]]) -> Vectors:
        place = {owner.id: column for column, owner in enumerate(self._owners)}
        wanted = np.zeros((len(questions), len(self._owners)), dtype=np.float32)
        for row, (_, owner) in enumerate(questions):
            wanted[row, place[owner.id]] = 1
        kernel = sharpened(self._meaning.among()) + WORDS_WEIGHT * self._shared(texts)
        return fitted(kernel, wanted, RIDGE)

    def _matrix(self, texts: Sequence[frozenset[str]]) -> csr_matrix:
        """One row a text, one column a known term, each holding the root of the term's rarity."""
        places = [(row, term) for row, terms in enumerate(texts) for term in terms if term in self._columns]
        values = [self._rarity[term] ** 0.5 for _, term in places]
        rows, columns = [row for row, _ in places], [self._columns[term] for _, term in places]
        return csr_matrix((values, (rows, columns)), shape=(len(texts), len(self._columns)))

    def _shared(self, texts: Sequence[frozenset[str]]) -> Vectors:
        """For each text (rows) and written question (columns) the share of their words that both have."""
        common = (self._matrix(texts) @ self._words.T).toarray()
        own = np.array([sum(self._rarity.get(term, self._new_word) for term in terms) for terms in texts])
        theirs = np.asarray(self._words.multiply(self._words).sum(axis=1)).ravel()
        union = own[:, None] + theirs[None, :] - common
        shares: Vectors = np.divide(common, union, out=np.zeros_like(common), where=union > 0)
        return shares


@dataclass(frozen=True)
class Knowledge:
    """What people wrote down beside a policy version: cards, gaps, the questions of both, and the fixed phrases.

    `queries` are the questions as the search reads them, by their text.
    """

    cards: Cards
    gaps: Gaps
    questions: KnownQuestions
    phrases: Phrases = BUILT_IN
    queries: Mapping[str, Query] = field(default_factory=dict, repr=False)

    @cached_property
    def topics(self) -> dict[str, str]:
        """What each card and gap is about, by its id."""
        cards = {card.id: card.entry.topic for card in self.cards.all}
        return cards | {gap.id: gap.entry.label for gap in self.gaps.all}

    def card(self, name: str) -> Card | None:
        """The card of this id, if there is one."""
        return next((card for card in self.cards.speaking if card.id == name), None)


def open_knowledge(
    folder: Path, searcher: Searcher, vectors: Path, embedder: Embedder, read: Mapping[str, Query] = _NONE_READ
) -> Knowledge:
    """Cards and gaps of a policy's folder; the vectors of their questions are made once and kept in `vectors`.

    Args:
        folder: of the policy.
        searcher: of this version.
        vectors: where they are kept.
        embedder: what makes them.
        read: questions that this searcher has read before (`Knowledge.queries`).

    Raises:
        BadInputError: a file of theirs cannot be read.
    """
    cards, gaps = load_cards(folder, searcher.policy), load_gaps(folder, searcher.policy)
    written: list[tuple[str, Owner]] = [(text, card) for card in cards.speaking for text in card.entry.questions]
    written += [(text, gap) for gap in gaps.all for text in gap.entry.questions]
    queries = {text: read.get(text) or searcher.query(text) for text, _ in written}
    questions = [(queries[text], owner) for text, owner in written]
    made = cached_vectors(vectors, [query.bare for query, _ in questions], embedder)
    return Knowledge(cards, gaps, KnownQuestions(questions, made), load_phrases(folder), queries)


def lifted(hits: Sequence[Hit], matches: Sequence[Match], policy: Policy) -> list[Hit]:
    """The hits with those first that a likely card quotes: it says which questions a passage answers."""
    gained: dict[str, float] = {}
    for match in matches[:_CLAIMANTS]:
        for order, (start, _) in enumerate(match.owner.places):
            passage = policy.passage_at(start)
            if passage is not None:
                # What a card quotes first answers; the rest goes with it.
                share = LIFT if order == 0 else LIFT / 2
                gained[passage.id] = max(gained.get(passage.id, 0.0), share * match.score)
    raised = [replace(hit, score=hit.score + gained.get(hit.passage.id, 0.0)) for hit in hits]
    return sorted(raised, key=lambda hit: -hit.score)


def _terms_of(query: Query) -> frozenset[str]:
    """A question's own words, this policy's words for them, and those of what it follows up on."""
    return frozenset(word.form for word in (*query.words, *query.offered_words, *query.topic_words))
