from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

from bench.baselines import BM25, DENSE, Baselines, _bm25, _dense
from bot.evaluation.policies import Policies
from bot.evaluation.question_sets import Row
from bot.policy.documents import load_policy
from bot.policy.embedding import Embedder
from bot.policy.index import index_of
from bot.policy.model import Policy
from bot.settings import Settings
from tests.support.small_policy import ID, write_small_policy

SPAN = "当店は、業務の一部を委託します。"


@pytest.fixture
def policy(tmp_path: Path) -> Policy:
    write_small_policy(tmp_path)
    return load_policy(tmp_path, ID)


def _place(policy: Policy) -> int:
    return next(place for place, passage in enumerate(policy.passages) if SPAN in passage.text)


def test_ranks_are_those_of_the_gold_passage_over_answerable_questions(
    policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def first(question: str) -> list[float]:
        asked.append(question)
        return [1.0 if place == _place(policy) else 0.0 for place in range(len(policy.passages))]

    def last(_question: str) -> list[float]:
        return [0.0 if place == _place(policy) else 1.0 for place in range(len(policy.passages))]

    monkeypatch.setattr(Baselines, "_retrievers", lambda *_: {BM25: first, DENSE: last})
    opened = cast("Policies", lambda _file: SimpleNamespace(policy=policy))
    ranks = Baselines(Settings(), opened).ranks(
        [
            Row(2, "委託は", answerable=True, gold_span=SPAN),
            Row(3, "それは", kind="followup", answerable=True, gold_span=SPAN),
            Row(4, "値段は", answerable=False),
            Row(5, "天気は", kind="oos", answerable=False),
        ]
    )
    assert ranks == {BM25: [1, 1], DENSE: [len(policy.passages)] * 2}
    assert asked == ["委託は", "委託は それは"]


def test_bm25_finds_by_words(policy: Policy) -> None:
    assert int(np.argmax(_bm25(policy)("業務を委託しますか"))) == _place(policy)


def test_plain_dense_is_the_cosine_with_the_passages(policy: Policy) -> None:
    vectors = np.eye(len(policy.passages), dtype=np.float32)
    question = np.roll(vectors[0], 3)[None, :]
    embedder = cast("Embedder", SimpleNamespace(questions=lambda _texts: question))
    assert _dense(index_of(vectors, vectors), embedder)("委託は") == question[0].tolist()
