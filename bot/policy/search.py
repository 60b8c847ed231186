"""Hybrid search in one policy: the best sentence lifts its passage, words and vectors are weighed together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bot.policy.aspects import asked_in, spoken_of
from bot.policy.embedding import Vectors
from bot.policy.everyday import Everyday, Offer
from bot.policy.index import VectorIndex
from bot.policy.lexical import Analyzer, LexicalIndex, Word
from bot.policy.model import Passage, Policy, Sentence

# Weights that were best on nine real policies, kept apart from every test of ours: see docs/decisions.md.
SENTENCE_WEIGHT = 0.7
DENSE_WEIGHT = 0.7
# A policy word that the map offered, or a word of the topic, counts less than a word the member wrote.
OFFERED_WEIGHT = 0.5
# The data a question names stands in many passages; one that speaks of what is asked about it comes first.
ASPECT_WEIGHT = 0.25

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
        offers: what the map of everyday words offers for it, each with the content words of its policy side.
        topic: what it follows up on; empty when it stands alone.
        topic_words: content words of the topic.
    """

    text: str
    words: tuple[Word, ...]
    offers: tuple[tuple[Offer, tuple[Word, ...]], ...]
    topic: str = ""
    topic_words: tuple[Word, ...] = ()

    @property
    def variants(self) -> list[str]:
        """The texts to embed: the question, the same with the policy's words, the same with its topic, if any."""
        offered = " ".join(offer.policy for offer, _ in self.offers)
        more = [f"{self.text} {offered}"] if offered else []
        return [self.text, *more, *([f"{self.topic} {self.text}"] if self.topic else [])]

    @property
    def offered_words(self) -> list[Word]:
        """Content words of everything that is offered."""
        return [word for _, words in self.offers for word in words]


class Searcher:
    """Searches one policy version. It embeds nothing itself: the caller embeds all texts of a turn in one batch."""

    def __init__(self, policy: Policy, index: VectorIndex, analyzer: Analyzer, everyday: Everyday) -> None:
        self.policy = policy
        self.index = index
        self._analyzer = analyzer
        self._everyday = everyday
        self.words = LexicalIndex([f"{p.heading} {p.text}" for p in policy.passages], analyzer)
        place = {passage.id: position for position, passage in enumerate(policy.passages)}
        self._parents = np.array([place[s.passage_id] for s in policy.sentences])

    def query(self, text: str, topic: str = "") -> Query:
        """Reads a question: its words, what a policy would call them, and what it follows up on."""
        offers = self._everyday.offers(self._analyzer.forms(text))
        return Query(
            text,
            words=tuple(self._analyzer.words(text)),
            offers=tuple((offer, tuple(self._analyzer.words(offer.policy))) for offer in offers),
            topic=topic,
            topic_words=tuple(self._analyzer.words(topic)) if topic else (),
        )

    def search(self, query: Query, vectors: Vectors) -> list[Hit]:
        """Every passage, best first.

        Args:
            query: the question.
            vectors: one row for each of `query.variants`, in their order.
        """
        cosine = _joined(self.index.sentence_scores(vectors), query)
        corrected = cosine - self.index.hub
        best = self._best_sentences(corrected)
        whole = _joined(self.index.passage_scores(vectors), query)
        dense = SENTENCE_WEIGHT * corrected[best] + (1 - SENTENCE_WEIGHT) * whole
        lent = [*query.offered_words, *query.topic_words]
        lexical = self.words.scores(query.words) + OFFERED_WEIGHT * self.words.scores(lent)
        fused = DENSE_WEIGHT * _spread(dense) + (1 - DENSE_WEIGHT) * _spread(lexical)
        fused = fused + ASPECT_WEIGHT * self._aspects(query.text)
        return [
            Hit(
                passage=self.policy.passages[i],
                score=float(fused[i]),
                parts={
                    "dense": float(dense[i]),
                    "cosine": float(cosine[best[i]]),
                    "lexical": float(lexical[i]),
                    "coverage": self._coverage(query, int(i)),
                },
                sentence=self.policy.sentences[best[i]],
                near=self._near(int(i), corrected),
            )
            for i in np.argsort(-fused, kind="stable")
        ]

    def _aspects(self, text: str) -> Scores:
        """1 for each passage that speaks of what is asked; 0 for all when the question names no aspect."""
        scores: Scores = np.zeros(len(self.policy.passages), dtype=np.float32)
        for aspect in asked_in(text):
            scores[spoken_of(self.policy.passages, aspect)] = 1
        return scores

    def unknown_share(self, query: Query) -> float:
        """Share of the question, weighed by rarity, that the policy says nowhere, nor as the map renders it."""
        known = {form for offer, words in query.offers if any(map(self.words.knows, words)) for form in offer.phrase}
        weights = {word: self.words.rarity(word) for word in query.words}
        total = sum(weights.values())
        unknown = sum(w for word, w in weights.items() if word.form not in known and not self.words.knows(word))
        return unknown / total if total else 0.0

    def _coverage(self, query: Query, place: int) -> float:
        explained = {
            form
            for offer, words in query.offers
            if any(self.words.holds(place, word) for word in words)
            for form in offer.phrase
        }
        weights = {word: self.words.rarity(word) for word in query.words}
        total = sum(weights.values())
        held = sum(w for word, w in weights.items() if word.form in explained or self.words.holds(place, word))
        return held / total if total else 0.0

    def _near(self, place: int, scores: Scores) -> tuple[tuple[Sentence, float], ...]:
        members = np.flatnonzero(self._parents == place)
        return tuple((self.policy.sentences[i], float(scores[i])) for i in members)

    def _best_sentences(self, scores: Scores) -> npt.NDArray[np.intp]:
        """For each passage the place of its best sentence."""
        order = np.argsort(-scores, kind="stable")
        _, first = np.unique(self._parents[order], return_index=True)
        return order[first]


def _joined(scores: Scores, query: Query) -> Scores:
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
