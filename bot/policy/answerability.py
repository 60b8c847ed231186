"""How likely a question is one that the policy can be asked: one figure from what the search found.

Relevance does not tell an answer from a near miss, which is the business of `sufficiency`; it does tell a matter of
the policy from any other. A logistic function weighs what speaks for it. Its weights are data, fitted by
`bench/answerability.py` on the tuning halves of our own sets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Self

from bot.policy.coverage import Coverage
from bot.policy.logistic import likelihood
from bot.policy.search import Hit, Query, Searcher

_FOUND = 3


@dataclass(frozen=True)
class Evidence:
    """What speaks for an answer.

    Attributes:
        cosine: of the question and the best sentence.
        found: share of the question's words, weighed by rarity, that the best three passages account for.
        unknown: share of its words that the policy says nowhere, nor in other words.
        topic: how much it is a matter of any privacy desk, about -1 to 1.
        read: how surely the best sentence states what is asked, for the reader (a logit).
    """

    cosine: float
    found: float
    unknown: float
    topic: float
    read: float

    @classmethod
    def of(cls, query: Query, hits: Sequence[Hit], searcher: Searcher, topic: float) -> Self:
        """Reads what a search gave."""
        unknown = searcher.unknown_share(query)
        together = " ".join(f"{hit.passage.heading} {hit.passage.text}" for hit in hits[:_FOUND])
        return cls(
            cosine=max(hit.parts["cosine"] for hit in hits[:_FOUND]),
            found=(1 - unknown) * Coverage.of(query, searcher).share(together),
            unknown=unknown,
            topic=topic,
            read=max([hit.parts["read"] for hit in hits if "read" in hit.parts][:_FOUND]),
        )


def answerability(evidence: Evidence) -> float:
    """The likelihood that the policy can be asked this, 0 to 1."""
    return likelihood("answerability", asdict(evidence))
