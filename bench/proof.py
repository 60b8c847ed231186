"""Measures the test halves, and the first policy's set where it lies beside the repository, against their bars.

`make prove-answers` ends with status 1 when a figure lies on the wrong side of its bar, and names it. It prints no row.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass

from bench.quality import FIRST, Sets, first_set, run_set, sets_of
from bot import settings
from bot.evaluation.measures import Measure, Share, Summary, summarise
from bot.evaluation.policies import Policies
from bot.evaluation.report import pooled


@dataclass(frozen=True)
class Bar:
    """What a measure must at least reach, or at most."""

    measure: str
    least: float = 0.0
    most: float = 1.0

    def is_met_by(self, measure: Measure) -> bool:
        """A measure without rows proves nothing, and so does not meet its bar."""
        return measure.value is not None and self.least <= measure.value <= self.most


TEST_HALVES = (
    Bar("hit@1", least=0.80),
    Bar("hit@3", least=0.92),
    Bar("answers_with_every_key_fact", least=0.90),
    Bar("near_miss_recall", least=0.80),
    Bar("not_in_policy_false_rate", most=0.05),
    Bar("off_topic_recall", least=0.95),
    Bar("answerability_auroc", least=0.85),
)
# In the first policy's set one row may miss, whatever the size of the set.
ONE_MISS = ("hit@1", "answers_with_every_key_fact")
NO_MISS = (
    Bar("not_in_policy_recall", least=1.0),
    Bar("not_in_policy_false_rate", most=0.0),
    Bar("request_kind_accuracy", least=1.0),
)


def main() -> int:
    """Measures and tells; the status of the process."""
    loaded = settings.load()
    failures = list(_failures("test halves", _summary(sets_of("test"), Policies(loaded)), TEST_HALVES))
    first = first_set(loaded)
    if first:
        summary = _summary(first, Policies(loaded))
        bars = [Bar(name, least=_all_but_one(summary.measures[name])) for name in ONE_MISS]
        failures += _failures(FIRST, summary, (*bars, *NO_MISS))
    print("\n".join(failures) or "every bar is met")
    return 1 if failures else 0


def _summary(sets: Sets, policies: Policies) -> Summary:
    return summarise(pooled([run_set(name, rows, policies) for name, rows in sets.items()]))


def _all_but_one(measure: Measure) -> float:
    return (measure.of - 1) / measure.of if isinstance(measure, Share) and measure.of else 1.0


def _failures(name: str, summary: Summary, bars: tuple[Bar, ...]) -> Iterator[str]:
    for bar in bars:
        measure = summary.measures[bar.measure]
        if not bar.is_met_by(measure):
            found = "nothing was counted" if measure.value is None else f"{measure.value:.3f} ({measure.counted})"
            yield f"{name}: {bar.measure} must be {bar.least:g} to {bar.most:g}: {found}"


if __name__ == "__main__":
    sys.exit(main())
