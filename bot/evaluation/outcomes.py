"""What one row of a question set got."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.evaluation.question_sets import Row

HITS_KEPT = 10


@dataclass(frozen=True)
class Outcome:
    """One row and what came back.

    Attributes:
        row: what was asked.
        messages: the messages as a member's client gets them.
        kinds: kinds of request that were understood.
        ms: milliseconds until the answer was there.
        hits: passages that were found, best first; None against a server, which does not show them.
        gold_found: for each hit whether it is the gold one; None when there is no gold.
    """

    row: Row
    messages: Sequence[dict[str, Any]]
    kinds: Sequence[str]
    ms: float
    hits: Sequence[dict[str, Any]] | None = None
    gold_found: Sequence[bool] | None = field(default=None, repr=False)

    @property
    def message(self) -> dict[str, Any]:
        """The first message."""
        return self.messages[0]

    def to_json(self) -> dict[str, Any]:
        """The row of `--json`."""
        shown: dict[str, Any] = {
            "utterance": self.row.utterance,
            "message": self.message,
            "messages": list(self.messages),
            "kinds": list(self.kinds),
            "ms": round(self.ms, 1),
        }
        return shown if self.hits is None else shown | {"hits": list(self.hits[:HITS_KEPT])}
