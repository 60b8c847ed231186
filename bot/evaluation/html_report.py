"""A run as one self-contained page: every row with what was expected, what came, what was found and why.

No script and no outside resource: the page is read offline, by mail or on paper, and what members and policies wrote is
shown as text, whatever it contains.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import jinja2

from bot.clock import in_tokyo
from bot.evaluation.measures import summarise
from bot.evaluation.outcomes import Found, Outcome
from bot.evaluation.report import Run, pooled
from bot.evaluation.verdicts import Verdict, judge

_TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_VERDICT_CLASS = {True: "right", False: "wrong", None: "unjudged"}


@dataclass(frozen=True)
class _Shown:
    """One row of the page."""

    anchor: str
    file: Path
    outcome: Outcome
    verdict: Verdict
    cited: tuple[tuple[int, int], ...]

    @property
    def css(self) -> str:
        """How the page marks it."""
        return _VERDICT_CLASS[self.verdict.is_right]

    @property
    def score_names(self) -> list[str]:
        """The partial scores that occur."""
        return list(dict.fromkeys(name for hit in self.outcome.found or () for name in hit.parts))

    @property
    def questions(self) -> Sequence[Mapping[str, Any]]:
        """What the trace says about each question of the message, without the hits, which have a table of their own."""
        told: Sequence[Mapping[str, Any]] = self.outcome.trace.get("questions", ())
        return [{name: _told(value) for name, value in question.items() if name != "hits"} for question in told]

    def is_quoted(self, hit: Found) -> bool:
        """Whether the answer quotes from a passage."""
        return any(start < hit.end and hit.start < end for start, end in self.cited)


def html_report(runs: Sequence[Run], *, source: str, now: datetime) -> str:
    """The page.

    Args:
        runs: what was measured.
        source: what was asked, in words: a policy, a server.
        now: this moment.
    """
    rows = list(_shown(runs))
    return _TEMPLATES.get_template("report.html").render(
        runs=[(run, summarise(run.outcomes)) for run in runs],
        summary=summarise(pooled(runs)),
        rows=rows,
        counts=Counter(row.css for row in rows),
        source=source,
        at=in_tokyo(now),
    )


def _told(value: object) -> str:
    """A value of the trace as a person reads it."""
    if isinstance(value, Mapping):
        return " ".join(f"{name}={_told(each)}" for name, each in value.items())
    if isinstance(value, list):
        return "／".join(map(_told, value)) or "なし"
    return str(value)


def _shown(runs: Sequence[Run]) -> Iterator[_Shown]:
    for place, run in enumerate(runs, start=1):
        for outcome in run.outcomes:
            citations = [each for message in outcome.messages for each in message.get("citations", ())]
            yield _Shown(
                anchor=f"s{place}-{outcome.row.line}",
                file=run.file,
                outcome=outcome,
                verdict=judge(outcome),
                cited=tuple((each["start"], each["end"]) for each in citations),
            )
