"""A run as a table for people and as JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from bot.evaluation.measures import Share, Summary
from bot.evaluation.outcomes import Outcome


def table(summary: Summary) -> str:
    """One line a measure: share, how many of how many, 95 % interval."""
    lines = [f"{'rows':<30}{summary.rows:>8}"]
    lines += [f"{name.replace('_', ' '):<30}{_figures(share)}" for name, share in summary.shares.items()]
    lines += [f"{'latency p50 / p95 (ms)':<30}{summary.latency_p50:>8.1f} / {summary.latency_p95:.1f}"]
    return "\n".join(lines)


def as_json(summary: Summary, outcomes: Sequence[Outcome]) -> str:
    """The whole run; one row an input row, in order."""
    return json.dumps(
        {"summary": _summary(summary), "rows": [outcome.to_json() for outcome in outcomes]},
        ensure_ascii=False,
        indent=1,
    )


def _figures(share: Share) -> str:
    if share.interval is None:
        return f"{'–':>8}"
    low, high = share.interval
    return f"{share.value:>8.3f}  {share.good:>4}/{share.of:<5} [{low:.2f}, {high:.2f}]"


def _summary(summary: Summary) -> dict[str, Any]:
    shares: dict[str, Any] = {
        name: {"value": share.value, "good": share.good, "of": share.of, "interval": share.interval}
        for name, share in summary.shares.items()
    }
    return {"rows": summary.rows} | shares | {"latency_ms": {"p50": summary.latency_p50, "p95": summary.latency_p95}}
