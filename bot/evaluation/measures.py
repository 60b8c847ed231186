"""The measures of a run, each with its 95 % interval, and latency."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.evaluation.facts import holds_every
from bot.evaluation.outcomes import Outcome

_Z = 1.959964


class Measure(Protocol):
    """A figure between 0 and 1; without rows it has neither value nor interval."""

    @property
    def value(self) -> float | None:
        """The figure."""

    @property
    def interval(self) -> tuple[float, float] | None:
        """Where the true figure lies in 95 of 100 runs like this one."""

    @property
    def counted(self) -> str:
        """What it was counted over, for a table."""


@dataclass(frozen=True)
class Share:
    """`good` of `of`, with Wilson's interval; a row may be good in part, as a reciprocal rank is."""

    good: float
    of: int

    @classmethod
    def among(cls, judged: Iterable[float]) -> Share:
        """The share of what is true, or the mean of what lies between 0 and 1."""
        values = list(judged)
        return cls(sum(values), len(values))

    @property
    def value(self) -> float | None:
        """The share itself."""
        return self.good / self.of if self.of else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's interval, which stays honest for few rows and for shares near 0 and 1.

        For a mean of parts it is wider than need be: nothing between 0 and 1 varies more than yes and no.
        """
        if not self.of:
            return None
        p, n = self.good / self.of, self.of
        middle = p + _Z**2 / (2 * n)
        spread = _Z * math.sqrt(p * (1 - p) / n + _Z**2 / (4 * n**2))
        return max(0.0, (middle - spread) / (1 + _Z**2 / n)), min(1.0, (middle + spread) / (1 + _Z**2 / n))

    @property
    def counted(self) -> str:
        """How many of how many."""
        return f"{self.good:g}/{self.of}" if float(self.good).is_integer() else f"{self.good:.1f}/{self.of}"


@dataclass(frozen=True)
class Separation:
    """Area under the ROC curve: how often a score is higher for a good row than for a bad one, ties half."""

    good: tuple[float, ...]
    bad: tuple[float, ...]

    @property
    def value(self) -> float | None:
        """The area; 0.5 tells nothing apart."""
        if not self.good or not self.bad:
            return None
        wins = sum((g > b) + (g == b) / 2 for g in self.good for b in self.bad)
        return wins / (len(self.good) * len(self.bad))

    @property
    def interval(self) -> tuple[float, float] | None:
        """Hanley and McNeil's interval."""
        area = self.value
        if area is None:
            return None
        m, n = len(self.good), len(self.bad)
        one_good, one_bad = area / (2 - area), 2 * area**2 / (1 + area)
        variance = (area * (1 - area) + (m - 1) * (one_good - area**2) + (n - 1) * (one_bad - area**2)) / (m * n)
        spread = _Z * math.sqrt(max(0.0, variance))
        return max(0.0, area - spread), min(1.0, area + spread)

    @property
    def counted(self) -> str:
        """How many were told from how many."""
        return f"{len(self.good)}:{len(self.bad)}"


@dataclass(frozen=True)
class Summary:
    """Everything that is measured over one run."""

    rows: int
    measures: dict[str, Measure]
    latency_p50: float
    latency_p95: float


def summarise(outcomes: Sequence[Outcome]) -> Summary:
    """Measures one run; a measure without rows is left empty."""
    times = sorted(outcome.ms for outcome in outcomes)
    return Summary(
        rows=len(outcomes),
        measures=finding(_ranks(outcomes)) | _of_answers(outcomes) | _of_refusals(outcomes) | _of_requests(outcomes),
        latency_p50=statistics.median(times),
        latency_p95=percentile(times, 0.95),
    )


def percentile(ordered: Sequence[float], share: float) -> float:
    """The smallest of these values (in ascending order) that is at least as great as this share of them."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def finding(ranks: Sequence[int]) -> dict[str, Measure]:
    """What ranks of the right passage say about a search; 0 stands for not found."""
    return {
        "hit@1": Share.among(rank == 1 for rank in ranks),
        "hit@3": Share.among(1 <= rank <= 3 for rank in ranks),  # noqa: PLR2004 - its name says it
        "mrr": Share.among(1 / rank if rank else 0 for rank in ranks),
    }


def _ranks(outcomes: Sequence[Outcome]) -> list[int]:
    return [rank for o in _asked(outcomes, answerable=True) if (rank := o.gold_rank) is not None]


def _of_answers(outcomes: Sequence[Outcome]) -> dict[str, Measure]:
    answerable = _asked(outcomes, answerable=True)
    answered = [o for o in answerable if o.message["kind"] == "answer" and o.gold_cited is not None]
    return {
        "answers_with_every_key_fact": Share.among(_says_it_all(o) for o in answerable if o.row.key_facts),
        "citation_precision": Share.among(right for o in answered for right in o.gold_cited or ()),
    }


def _of_refusals(outcomes: Sequence[Outcome]) -> dict[str, Measure]:
    answerable, unanswerable = _asked(outcomes, answerable=True), _asked(outcomes, answerable=False)
    off_topic = [outcome for outcome in outcomes if outcome.row.kind == "oos"]
    return {
        "not_in_policy_recall": _kind_is("not_in_policy", unanswerable),
        "near_miss_recall": _kind_is("not_in_policy", [o for o in unanswerable if o.row.is_near_miss]),
        "not_in_policy_false_rate": _kind_is("not_in_policy", answerable),
        "off_topic_recall": _kind_is("out_of_scope", off_topic),
        "off_topic_false_rate": _kind_is("out_of_scope", answerable),
        "clarify_rate": _kind_is("clarify", [*answerable, *unanswerable]),
        "answerability_auroc": Separation(_answerabilities(answerable), _answerabilities(unanswerable)),
    }


def _of_requests(outcomes: Sequence[Outcome]) -> dict[str, Measure]:
    return {
        "request_kind_accuracy": Share.among(
            set(o.kinds) == o.row.request_kinds for o in outcomes if o.row.request_kinds
        )
    }


def _asked(outcomes: Sequence[Outcome], *, answerable: bool) -> list[Outcome]:
    return [o for o in outcomes if o.row.is_question and o.row.answerable is answerable]


def _kind_is(kind: str, outcomes: Sequence[Outcome]) -> Share:
    return Share.among(outcome.message["kind"] == kind for outcome in outcomes)


def _says_it_all(outcome: Outcome) -> bool:
    return outcome.message["kind"] == "answer" and holds_every(outcome.row.key_facts, outcome.messages)


def _answerabilities(outcomes: Sequence[Outcome]) -> tuple[float, ...]:
    return tuple(score for outcome in outcomes if (score := outcome.answerability) is not None)
