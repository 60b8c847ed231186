"""How likely the policy states what is asked: one figure from what the search found.

Relevance does not tell an answer from a near miss, and no single score does. A logistic function weighs a few of them;
its weights are data, fitted by `bench/answerability.py` on the tuning halves of our own sets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from math import exp
from pathlib import Path
from typing import Self

import yaml

from bot.policy.coverage import Coverage
from bot.policy.search import Hit, Query, Searcher

_FILE = Path(__file__).parent / "data" / "answerability.yml"
_FOUND = 3


@dataclass(frozen=True)
class Evidence:
    """What speaks for an answer, each 0 to 1 or a cosine.

    Attributes:
        cosine: the question and the best sentence.
        margin: how far the best passage lies before the next ones.
        coverage: share of the question's words, weighed by rarity, that the best passage accounts for.
        found: the same for the best three together.
        unknown: share of the question's words that the policy says nowhere, nor in other words.
        sentence: share of the question's words that the best sentence accounts for.
    """

    cosine: float
    margin: float
    coverage: float
    found: float
    unknown: float
    sentence: float

    @classmethod
    def of(cls, query: Query, hits: Sequence[Hit], searcher: Searcher) -> Self:
        """Reads what a search gave."""
        coverage = Coverage.of(query, searcher)
        known = 1 - searcher.unknown_share(query)
        dense = sorted((hit.parts["dense"] for hit in hits), reverse=True)
        rest = dense[1:4] or dense[:1]
        together = " ".join(f"{hit.passage.heading} {hit.passage.text}" for hit in hits[:_FOUND])
        return cls(
            cosine=max(hit.parts["cosine"] for hit in hits[:_FOUND]),
            margin=dense[0] - sum(rest) / len(rest),
            coverage=known * coverage.share(f"{hits[0].passage.heading} {hits[0].passage.text}"),
            found=known * coverage.share(together),
            unknown=1 - known,
            sentence=known * max(coverage.share(hit.sentence.text) for hit in hits[:_FOUND]),
        )


def answerability(evidence: Evidence) -> float:
    """The likelihood that the policy states what is asked, 0 to 1."""
    weights = _weights()
    total = weights["bias"] + sum(weights[name] * value for name, value in asdict(evidence).items())
    return 1 / (1 + exp(-total))


@lru_cache(maxsize=1)
def _weights() -> dict[str, float]:
    weights: dict[str, float] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return weights
