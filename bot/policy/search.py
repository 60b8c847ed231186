"""Hybrid search in one policy: the best sentence lifts its passage, words and vectors are weighed together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from bot.policy.aspects import Aspect, asked_in, speaks_of
from bot.policy.embedding import Vectors
from bot.policy.everyday import Everyday, Offer
from bot.policy.lexical import Analyzer, LexicalIndex, Word
from bot.policy.model import Passage, Policy, Sentence
from bot.policy.readings import Readings
from bot.policy.vector_search import Rows, VectorIndex
from bot.policy.wrappers import unwrapped

# Weights that were best on nine real policies, kept apart from every test of ours: see docs/decisions.md.
SENTENCE_WEIGHT = 0.7
DENSE_WEIGHT = 0.7
# A policy word that the map offered, or a word of the topic, counts less than a word the member wrote.
OFFERED_WEIGHT = 0.5
# The data a question names stands in many passages; one that speaks of what is asked about it comes first.
ASPECT_WEIGHT = 0.25
# How much of what the map offers is embedded: a longer text says less of what the question is about.
OFFERS_EMBEDDED = 4
NAMES_EMBEDDED = 1
# Up to so many passages every one is weighed; among more, those that words or vectors bring near.
WEIGHED_WHOLE = 2000
NEAREST_SENTENCES = 256
NEAREST_BY_WORDS = 100
# Nobody reads further down.
HITS = 50

Scores = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Hit:
    """A passage that was found.

    Attributes:
        passage: what was found.
        score: fused score, 0 to 1 within one search.
        parts: the scores it was made of: `dense` (corrected), `cosine` (raw, of the best sentence), `lexical`
            (BM25) and `coverage` (share of the question's words, weighed by rarity, that the passage explains).
        sentence: the sentence that answers best.
        near: every sentence of the passage with its dense score, in the order of the text.
    """

    passage: Passage
    score: float
    parts: dict[str, float]
    sentence: Sentence
    near: tuple[tuple[Sentence, float], ...] = ()


@dataclass(frozen=True)
class Query:
    """A question, ready to be searched.

    Attributes:
        text: what is asked.
        words: its content words.
        offers: what the map of everyday words offers for it in words of this policy, each with the content words of
            its policy side.
        topic: what it follows up on; empty when it stands alone.
        topic_words: content words of the topic.
        bare: the question without what only wraps it, its slips of the hand mended.
    """

    text: str
    words: tuple[Word, ...]
    offers: tuple[tuple[Offer, tuple[Word, ...]], ...]
    topic: str = ""
    topic_words: tuple[Word, ...] = ()
    bare: str = ""

    @property
    def variants(self) -> list[str]:
        """The texts to embed: the question, the bare one with the policy's words, the question with its topic."""
        offered = [name for offer, _ in self.offers[:OFFERS_EMBEDDED] for name in offer.alternatives[:NAMES_EMBEDDED]]
        bare = self.bare or self.text
        again = " ".join([bare, *(name for name in dict.fromkeys(offered) if name not in bare)])
        more = [again] if again != self.text else []
        return [self.text, *more, *([f"{self.topic} {self.text}"] if self.topic else [])]

    @property
    def offered_words(self) -> list[Word]:
        """Content words of what is offered, each once; those of the question itself count already."""
        return [word for word in dict.fromkeys(w for _, words in self.offers for w in words) if word not in self.words]


class Searcher:
    """Searches one policy version. It embeds nothing itself: the caller embeds all texts of a turn in one batch.

    A searcher over ready vectors needs no embedder and no disk: `Searcher(policy, index_of(sentences, passages),
    open_analyzer(), open_everyday())`, with one row a sentence and one a passage of the policy; then
    `search(query(text), vectors)` with one ready row for each of `query(text).variants`.
    """

    def __init__(self, policy: Policy, index: VectorIndex, analyzer: Analyzer, everyday: Everyday) -> None:
        self.policy = policy
        self.index = index
        self._analyzer = analyzer
        self.everyday = everyday
        texts = [f"{passage.heading} {passage.text}" for passage in policy.passages]
        self.words = LexicalIndex(texts, analyzer)
        self._readings = Readings([*texts, *everyday.texts], analyzer)
        counts = [len(passage.sentences) for passage in policy.passages]
        self._parents = np.repeat(np.arange(len(counts)), counts)
        # Where the sentences of each passage begin, and after the last one where they end.
        self._bounds = np.concatenate([[0], np.cumsum(counts)])
        self._names: dict[str, tuple[Word, ...]] = {}
        self._spoken: dict[tuple[str, int], bool] = {}

    def query(self, text: str, topic: str = "") -> Query:
        """Reads a question: its words, what this policy would call them, and what it follows up on."""
        mended = self._readings.mended(text)
        offers = self.everyday.offers(self._analyzer.forms(mended))
        return Query(
            text,
            words=tuple(self._analyzer.words(mended)),
            offers=tuple(known for offer in offers if (known := self._in_own_words(offer))),
            topic=topic,
            topic_words=tuple(self._analyzer.words(topic)) if topic else (),
            bare=unwrapped(mended),
        )

    def search(self, query: Query, vectors: Vectors, limit: int = HITS) -> list[Hit]:
        """The passages that fit best, best first.

        Args:
            query: the question.
            vectors: one row for each of `query.variants`, in their order.
            limit: the most passages to return.
        """
        lent = [*query.offered_words, *query.topic_words]
        lexical = self.words.scores(query.words) + OFFERED_WEIGHT * self.words.scores(lent)
        found = self._weighed(query, vectors, lexical)
        weights = self._weights(query)
        return [self._hit(weights, found, int(i)) for i in np.argsort(-found.fused, kind="stable")[:limit]]

    def unknown_share(self, query: Query) -> float:
        """Share of the question, weighed by rarity, that the policy says nowhere, nor as the map renders it."""
        known = {form for offer, words in query.offers if any(map(self.words.knows, words)) for form in offer.phrase}
        weights = {word: self.words.rarity(word) for word in query.words}
        total = sum(weights.values())
        unknown = sum(w for word, w in weights.items() if word.form not in known and not self.words.knows(word))
        return unknown / total if total else 0.0

    def _in_own_words(self, offer: Offer) -> tuple[Offer, tuple[Word, ...]] | None:
        """The offer with those names only that this policy can mean; None when there is none."""
        words = {name: known for name in offer.alternatives if (known := self._known(name))}
        if not words:
            return None
        return replace(offer, alternatives=tuple(words)), tuple(
            dict.fromkeys(w for known in words.values() for w in known)
        )

    def _known(self, name: str) -> tuple[Word, ...]:
        """The words of a name when some passage has them all, else none; asked once for each name."""
        if name not in self._names:
            words = tuple(self._analyzer.words(name))
            self._names[name] = words if words and self.words.holds_together(words) else ()
        return self._names[name]

    def _weighed(self, query: Query, vectors: Vectors, lexical: Scores) -> _Weighed:
        places = self._candidates(vectors, lexical)
        rows, starts = self._rows_of(places)
        cosine = joined(self.index.sentence_scores(vectors, rows), query)
        corrected = cosine - self.index.hub[rows]
        whole = joined(self.index.passage_scores(vectors, places), query)
        dense = SENTENCE_WEIGHT * np.maximum.reduceat(corrected, starts) + (1 - SENTENCE_WEIGHT) * whole
        words = lexical[places]
        fused = DENSE_WEIGHT * _spread(dense) + (1 - DENSE_WEIGHT) * _spread(words)
        fused = fused + ASPECT_WEIGHT * self._aspects(query.text, places)
        return _Weighed(places, starts, cosine, corrected, dense, words, fused)

    def _candidates(self, vectors: Vectors, lexical: Scores) -> Rows:
        """The places of the passages that are weighed, in the order of the policy."""
        count = len(self.policy.passages)
        if count <= WEIGHED_WHOLE:
            return np.arange(count)
        by_vectors = self._parents[self.index.nearest_sentences(vectors, NEAREST_SENTENCES)]
        by_words = np.argpartition(-lexical, NEAREST_BY_WORDS)[:NEAREST_BY_WORDS]
        return np.union1d(by_vectors, by_words)

    def _rows_of(self, places: Rows) -> tuple[Rows, Rows]:
        """The sentences of these passages, one after the other, and where those of each passage begin."""
        counts = self._bounds[places + 1] - self._bounds[places]
        starts = np.cumsum(counts) - counts
        return np.repeat(self._bounds[places] - starts, counts) + np.arange(counts.sum()), starts

    def _aspects(self, text: str, places: Rows) -> Scores:
        """1 for each passage that speaks of what is asked; 0 for all when the question names no aspect."""
        scores: Scores = np.zeros(len(places), dtype=np.float32)
        for aspect in asked_in(text):
            scores[[self._speaks_of(aspect, int(place)) for place in places]] = 1
        return scores

    def _speaks_of(self, aspect: Aspect, place: int) -> bool:
        key = (aspect.name, place)
        if key not in self._spoken:
            self._spoken[key] = speaks_of(self.policy.passages[place], aspect)
        return self._spoken[key]

    def _hit(self, weights: Sequence[tuple[float, frozenset[str]]], found: _Weighed, i: int) -> Hit:
        place = int(found.places[i])
        sentences = self.policy.passages[place].sentences
        mine = slice(int(found.starts[i]), int(found.starts[i]) + len(sentences))
        scores = found.corrected[mine]
        best = int(np.argmax(scores))
        return Hit(
            passage=self.policy.passages[place],
            score=float(found.fused[i]),
            parts={
                "dense": float(found.dense[i]),
                "cosine": float(found.cosine[mine][best]),
                "lexical": float(found.lexical[i]),
                "coverage": self._coverage(weights, place),
            },
            sentence=sentences[best],
            near=tuple(zip(sentences, map(float, scores), strict=True)),
        )

    def _weights(self, query: Query) -> Sequence[tuple[float, frozenset[str]]]:
        """For each word of the question its share of the whole, by rarity, and the terms that explain it."""
        words = dict.fromkeys(query.words)
        total = sum(map(self.words.rarity, words)) or 1.0
        return [(self.words.rarity(word) / total, _explaining(word, query)) for word in words]

    def _coverage(self, weights: Sequence[tuple[float, frozenset[str]]], place: int) -> float:
        return sum(weight for weight, terms in weights if self.words.holds_any(place, terms))


def _explaining(word: Word, query: Query) -> frozenset[str]:
    offered = (words for offer, words in query.offers if word.form in offer.phrase)
    return frozenset([*word.terms, *(term for words in offered for other in words for term in other.terms)])


@dataclass(frozen=True)
class _Weighed:
    """The scores of the passages at `places`, and of their sentences, which begin at `starts`."""

    places: Rows
    starts: Rows
    cosine: Scores
    corrected: Scores
    dense: Scores
    lexical: Scores
    fused: Scores


def joined(scores: Scores, query: Query) -> Scores:
    """One score from those of the variants: the better wording; with a topic, its mean with the topic's.

    The topic alone would find what was just shown once more.
    """
    if not query.topic:
        best: Scores = scores.max(axis=0)
        return best
    mean: Scores = (scores[:-1].max(axis=0) + scores[-1]) / 2
    return mean


def _spread(scores: Scores) -> Scores:
    """Stretches scores to 0…1, so that two kinds of score can be weighed; all equal gives zeros."""
    low, high = float(scores.min()), float(scores.max())
    return (scores - low) / (high - low) if high > low else np.zeros_like(scores)
