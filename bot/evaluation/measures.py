"""The measures of a run: shares with their 95 % intervals, and latency."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.evaluation.facts import holds_every, stands_at
from bot.evaluation.outcomes import Outcome

_Z = 1.959964


@dataclass(frozen=True)
class Share:
    """`good` of `of`, with Wilson's 95 % interval; empty when nothing was counted."""

    good: int
    of: int

    @classmethod
    def among(cls, judged: Iterable[bool]) -> Share:
        """The share of what is true."""
        values = list(judged)
        return cls(sum(values), len(values))

    @property
    def value(self) -> float | None:
        """The share itself."""
        return self.good / self.of if self.of else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's interval, which stays honest for few rows and for shares near 0 and 1."""
        if not self.of:
            return None
        p, n = self.good / self.of, self.of
        middle = p + _Z**2 / (2 * n)
        spread = _Z * math.sqrt(p * (1 - p) / n + _Z**2 / (4 * n**2))
        return max(0.0, (middle - spread) / (1 + _Z**2 / n)), min(1.0, (middle + spread) / (1 + _Z**2 / n))


@dataclass(frozen=True)
class Summary:
    """Everything that is measured over one run."""

    rows: int
    shares: dict[str, Share]
    latency_p50: float
    latency_p95: float


def summarise(outcomes: Sequence[Outcome]) -> Summary:
    """Measures one run; a measure without rows is left empty."""
    asked = [outcome for outcome in outcomes if outcome.row.is_question]
    answerable = [outcome for outcome in asked if outcome.row.answerable is True]
    unanswerable = [outcome for outcome in asked if outcome.row.answerable is False]
    times = sorted(outcome.ms for outcome in outcomes)
    return Summary(
        rows=len(outcomes),
        shares={
            "hit@1": _hits(answerable, 1),
            "hit@3": _hits(answerable, 3),
            "answers_with_every_key_fact": Share.among(_says_it_all(o) for o in answerable if o.row.key_facts),
            "citation_precision": Share.among(good for o in answerable for good in _citations(o)),
            "not_in_policy_recall": Share.among(o.message["kind"] == "not_in_policy" for o in unanswerable),
            "not_in_policy_false_rate": Share.among(o.message["kind"] == "not_in_policy" for o in answerable),
            "off_topic_recall": Share.among(
                o.message["kind"] == "out_of_scope" for o in outcomes if o.row.kind == "oos"
            ),
            "request_kind_accuracy": Share.among(
                set(o.kinds) == o.row.request_kinds for o in outcomes if o.row.request_kinds
            ),
        },
        latency_p50=statistics.median(times),
        latency_p95=times[min(len(times) - 1, math.ceil(0.95 * len(times)) - 1)],
    )


def _hits(outcomes: Iterable[Outcome], depth: int) -> Share:
    return Share.among(any(o.gold_found[:depth]) for o in outcomes if o.gold_found is not None)


def _says_it_all(outcome: Outcome) -> bool:
    return outcome.message["kind"] == "answer" and holds_every(outcome.row.key_facts, outcome.messages)


def _citations(outcome: Outcome) -> Iterable[bool]:
    """For each citation of an answer whether it stands at a gold place; nothing when the gold is no section."""
    gold = [label for label in outcome.row.sections if label != "none"]
    if gold and outcome.message["kind"] == "answer":
        for citation in outcome.message.get("citations", ()):
            yield stands_at(citation["section"], gold)
