"""A run as a table for people and as JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.evaluation.measures import Measure, Separation, Share, Summary, summarise
from bot.evaluation.outcomes import Outcome

# What one line a file shows of many runs: heading and measure.
_SHORT = (
    ("hit@1", "hit@1"),
    ("hit@3", "hit@3"),
    ("facts", "answers_with_every_key_fact"),
    ("citations", "citation_precision"),
    ("not in", "not_in_policy_recall"),
    ("false", "not_in_policy_false_rate"),
    ("off-topic", "off_topic_recall"),
    ("requests", "request_kind_accuracy"),
)


@dataclass(frozen=True)
class Run:
    """One question set and what its rows got."""

    file: Path
    outcomes: Sequence[Outcome]


def pooled(runs: Sequence[Run]) -> list[Outcome]:
    """The rows of all runs, in order."""
    return [outcome for run in runs for outcome in run.outcomes]


def report(runs: Sequence[Run]) -> str:
    """The table of all rows together; of several runs also one line each."""
    whole = table(summarise(pooled(runs)))
    return whole if len(runs) == 1 else f"{whole}\n\n{lines_of(runs)}"


def table(summary: Summary) -> str:
    """One line a measure: figure, what it was counted over, 95 % interval."""
    lines = [f"{'rows':<30}{summary.rows:>8}"]
    lines += [f"{name.replace('_', ' '):<30}{_figures(measure)}" for name, measure in summary.measures.items()]
    lines += [f"{'latency p50 / p95 (ms)':<30}{summary.latency_p50:>8.1f} / {summary.latency_p95:.1f}"]
    return "\n".join(lines)


def lines_of(runs: Sequence[Run]) -> str:
    """One line a file, with the measures that are compared between sets."""
    width = max(len(str(run.file)) for run in runs)
    lines = [f"{'':<{width}}{'rows':>6}" + "".join(f"{heading:>11}" for heading, _ in _SHORT)]
    for run in runs:
        summary = summarise(run.outcomes)
        figures = "".join(f"{_value(summary.measures[name]):>11}" for _, name in _SHORT)
        lines.append(f"{run.file!s:<{width}}{summary.rows:>6}{figures}")
    return "\n".join(lines)


def as_json(runs: Sequence[Run]) -> str:
    """The whole run: one row an input row, in order; of several files also each one's summary."""
    outcomes = pooled(runs)
    whole: dict[str, Any] = {"summary": summary_json(summarise(outcomes)), "rows": [o.to_json() for o in outcomes]}
    if len(runs) > 1:
        whole["files"] = [{"file": str(run.file), "summary": summary_json(summarise(run.outcomes))} for run in runs]
    return json.dumps(whole, ensure_ascii=False, indent=1)


def summary_json(summary: Summary) -> dict[str, Any]:
    """A summary for programs."""
    measures = {name: _measure_json(measure) for name, measure in summary.measures.items()}
    latency = {"p50": round(summary.latency_p50, 1), "p95": round(summary.latency_p95, 1)}
    return {"rows": summary.rows} | measures | {"latency_ms": latency}


def _figures(measure: Measure) -> str:
    if measure.interval is None:
        return f"{'–':>8}"
    low, high = measure.interval
    return f"{measure.value:>8.3f}  {measure.counted:>9}  [{low:.2f}, {high:.2f}]"


def _value(measure: Measure) -> str:
    return "–" if measure.value is None else f"{measure.value:.2f}"


def _measure_json(measure: Measure) -> dict[str, Any]:
    whole = {"value": measure.value, "interval": measure.interval}
    if isinstance(measure, Share):
        return whole | {"good": measure.good, "of": measure.of}
    if isinstance(measure, Separation):
        return whole | {"good": len(measure.good), "bad": len(measure.bad)}
    return whole
