"""Hybrid search in one policy: the best sentence lifts its passage, words and vectors are weighed together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bot.policy.embedding import Vectors
from bot.policy.everyday import Everyday
from bot.policy.index import VectorIndex
from bot.policy.lexical import Analyzer, LexicalIndex, Word
from bot.policy.model import Passage, Policy, Sentence

# Weights that were best on nine real policies, kept apart from every test of ours: see docs/decisions.md.
SENTENCE_WEIGHT = 0.7
DENSE_WEIGHT = 0.7
# A policy word that the map offered counts less than a word the member wrote.
OFFERED_WEIGHT = 0.5

Scores = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Hit:
    """A passage that was found.

    Attributes:
        passage: what was found.
        score: fused score, 0 to 1 within one search.
        parts: the scores it was made of: `dense` (corrected), `cosine` (raw, of the best sentence), `lexical`
            (BM25) and `coverage` (share of the question's rarity that stands in the passage).
        sentence: the sentence that answers best.
    """

    passage: Passage
    score: float
    parts: dict[str, float]
    sentence: Sentence


@dataclass(frozen=True)
class Query:
    """A question, ready to be searched.

    Attributes:
        text: what is asked, with its topic in front when it follows up.
        words: its content words.
        offered: policy words that the map of everyday words offers for it.
        offered_words: their content words.
    """

    text: str
    words: tuple[Word, ...]
    offered: tuple[str, ...]
    offered_words: tuple[Word, ...]

    @property
    def variants(self) -> list[str]:
        """The texts to embed: the question, and once more with the policy's words when there are any."""
        return [self.text, f"{self.text} {' '.join(self.offered)}"] if self.offered else [self.text]


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

    def query(self, text: str) -> Query:
        """Reads a question: its words, and what a policy would call them."""
        offered = tuple(self._everyday.policy_words(self._analyzer.forms(text)))
        offered_words = tuple(self._analyzer.words(" ".join(offered))) if offered else ()
        return Query(text, tuple(self._analyzer.words(text)), offered, offered_words)

    def search(self, query: Query, vectors: Vectors) -> list[Hit]:
        """Every passage, best first.

        Args:
            query: the question.
            vectors: one row for each of `query.variants`, in their order.
        """
        cosine = self.index.sentence_scores(vectors).max(axis=0)
        corrected = cosine - self.index.hub
        best = self._best_sentences(corrected)
        whole = self.index.passage_scores(vectors).max(axis=0)
        dense = SENTENCE_WEIGHT * corrected[best] + (1 - SENTENCE_WEIGHT) * whole
        lexical = self.words.scores(query.words) + OFFERED_WEIGHT * self.words.scores(query.offered_words)
        fused = DENSE_WEIGHT * _spread(dense) + (1 - DENSE_WEIGHT) * _spread(lexical)
        return [
            Hit(
                passage=self.policy.passages[i],
                score=float(fused[i]),
                parts={
                    "dense": float(dense[i]),
                    "cosine": float(cosine[best[i]]),
                    "lexical": float(lexical[i]),
                    "coverage": self.words.coverage(query.words, int(i)),
                },
                sentence=self.policy.sentences[best[i]],
            )
            for i in np.argsort(-fused, kind="stable")
        ]

    def _best_sentences(self, scores: Scores) -> npt.NDArray[np.intp]:
        """For each passage the place of its best sentence."""
        order = np.argsort(-scores, kind="stable")
        _, first = np.unique(self._parents[order], return_index=True)
        return order[first]


def _spread(scores: Scores) -> Scores:
    """Stretches scores to 0…1, so that two kinds of score can be weighed; all equal gives zeros."""
    low, high = float(scores.min()), float(scores.max())
    return (scores - low) / (high - low) if high > low else np.zeros_like(scores)
