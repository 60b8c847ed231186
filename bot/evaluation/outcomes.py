"""What one row of a question set got."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.evaluation.question_sets import Row

HITS_KEPT = 10


@dataclass(frozen=True)
class Found:
    """One passage that search found.

    Attributes:
        is_gold: whether it is one that answers.
        parts: the scores that `score` was made of.
    """

    section: str
    start: int
    end: int
    text: str
    score: float
    is_gold: bool = False
    parts: Mapping[str, float] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """A hit of `--json`."""
        return {
            "section": self.section,
            "start": self.start,
            "end": self.end,
            "text": self.text,
            "score": round(self.score, 4),
        }


@dataclass(frozen=True)
class Outcome:
    """One row and what came back.

    Attributes:
        row: what was asked.
        messages: the messages as a member's client gets them.
        kinds: kinds of request that were understood.
        ms: milliseconds until the answer was there.
        found: passages that were found, best first; None against a server, which does not show them.
        gold_cited: for each citation of the messages whether it stands at a gold place; None when there is no gold.
        trace: why it was answered so; empty against a server.
    """

    row: Row
    messages: Sequence[dict[str, Any]]
    kinds: Sequence[str]
    ms: float
    found: Sequence[Found] | None = None
    gold_cited: Sequence[bool] | None = None
    trace: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def message(self) -> dict[str, Any]:
        """The first message."""
        return self.messages[0]

    @property
    def gold_rank(self) -> int | None:
        """Place of the first right passage, from 1; 0 when none was found; None when there is nothing to compare."""
        if self.found is None or self.gold_cited is None:
            return None
        return next((rank for rank, found in enumerate(self.found[:HITS_KEPT], start=1) if found.is_gold), 0)

    @property
    def answerability(self) -> float | None:
        """How sure the assistant was that the policy answers the (first) question; None when it does not say."""
        questions = self.trace.get("questions") or [{}]
        score = questions[0].get("answerability")
        return None if score is None else float(score)

    def to_json(self) -> dict[str, Any]:
        """The row of `--json`."""
        shown: dict[str, Any] = {
            "utterance": self.row.utterance,
            "message": self.message,
            "messages": list(self.messages),
            "kinds": list(self.kinds),
            "ms": round(self.ms, 1),
        }
        return shown if self.found is None else shown | {"hits": [hit.to_json() for hit in self.found[:HITS_KEPT]]}
