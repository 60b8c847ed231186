"""The two plain retrievers that ours is compared with, over the same passages and judged by the same rule.

BM25 over Sudachi's normal forms, and the cosine between question and passage: what a searcher without sentences,
synonyms, everyday words or weighing would be. A follow-up is searched with the question before it in front.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from bot.evaluation.gold import gold_of
from bot.evaluation.outcomes import HITS_KEPT
from bot.evaluation.policies import Policies
from bot.evaluation.question_sets import Row
from bot.policy.embedding import Embedder, embedder_of
from bot.policy.index import open_index
from bot.policy.lexical import Analyzer, LexicalIndex, Word, open_analyzer
from bot.policy.model import Policy
from bot.policy.vector_search import VectorIndex
from bot.settings import Settings

Retriever = Callable[[str], Sequence[float]]
BM25, DENSE = "BM25 (Sudachi)", "plain dense"


class _PlainAnalyzer(Analyzer):
    """Words without their synonym groups."""

    def words(self, text: str) -> list[Word]:
        """The normal forms alone."""
        return [Word(word.form, ()) for word in open_analyzer().words(text)]


class Baselines:
    """Ranks of the gold passage by each plain retriever."""

    def __init__(self, settings: Settings, policies: Policies) -> None:
        self._settings = settings
        self._policies = policies
        self._opened: dict[Path | None, dict[str, Retriever]] = {}

    def ranks(self, rows: Sequence[Row]) -> dict[str, list[int]]:
        """By retriever, the place of the gold passage for each answerable row that has one; 0 beyond the first ten."""
        ranks: dict[str, list[int]] = {BM25: [], DENSE: []}
        for row, asked in _asked(rows):
            policy = self._policies(row.policy_file).policy
            gold = gold_of(row, policy)
            if gold is None or not row.is_question or not row.answerable:
                continue
            right = [gold.is_in(passage) for passage in policy.passages]
            for name, retrieve in self._retrievers(row.policy_file, policy).items():
                best = np.argsort(-np.asarray(retrieve(asked)), kind="stable")[:HITS_KEPT]
                ranks[name].append(next((rank for rank, i in enumerate(best, start=1) if right[i]), 0))
        return ranks

    def _retrievers(self, file: Path | None, policy: Policy) -> dict[str, Retriever]:
        if file not in self._opened:
            embedder = embedder_of(self._settings)
            index = open_index(self._settings.index_dir / policy.id, policy, embedder)
            self._opened[file] = {BM25: _bm25(policy), DENSE: _dense(index, embedder)}
        return self._opened[file]


def _asked(rows: Sequence[Row]) -> Iterator[tuple[Row, str]]:
    before = ""
    for row in rows:
        yield row, f"{before} {row.utterance}" if row.kind == "followup" else row.utterance
        before = row.utterance


def _bm25(policy: Policy) -> Retriever:
    analyzer = _PlainAnalyzer()
    words = LexicalIndex([f"{passage.heading} {passage.text}" for passage in policy.passages], analyzer)
    return lambda question: words.scores(analyzer.words(question)).tolist()


def _dense(index: VectorIndex, embedder: Embedder) -> Retriever:
    return lambda question: index.passage_scores(embedder.questions([question]))[0].tolist()
