"""Two runs of a set side by side: which cases broke, were mended or answer otherwise, and where exactly."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from bot.evaluation.runs.models import RegressionResult

Change = Literal["same", "answer", "broken", "mended", "new"]
Step = Mapping[str, Any]

_HITS_COMPARED = 3
# Two other sentences share a letter here and there, which tells nobody anything.
_TELLING = 4


@dataclass(frozen=True)
class Compared:
    """One case now, and in an earlier run, if it was in there."""

    now: RegressionResult
    before: RegressionResult | None

    @property
    def change(self) -> Change:
        """What is different: the verdict first, else what is answered."""
        if self.before is None:
            return "new"
        if self.now.passed != self.before.passed:
            return "mended" if self.now.passed else "broken"
        return "same" if _answers(self.now) == _answers(self.before) else "answer"


@dataclass(frozen=True)
class Piece:
    """Some words of a text, and whether the other text lacks them."""

    text: str
    is_other: bool


@dataclass(frozen=True)
class StepPair:
    """One step in both runs; either may be missing. `now` and `before` are the answers' words."""

    said: str
    now: Step | None
    before: Step | None
    now_pieces: tuple[Piece, ...]
    before_pieces: tuple[Piece, ...]


def compared(now: Sequence[RegressionResult], before: Sequence[RegressionResult]) -> list[Compared]:
    """Every case of a run beside itself in an earlier one."""
    earlier = {result.case_id: result for result in before}
    return [Compared(result, earlier.get(result.case_id)) for result in now]


def steps_of(pair: Compared) -> list[StepPair]:
    """The steps of a case in both runs, with the words marked that only one of them has."""
    ours, theirs = pair.now.steps, pair.before.steps if pair.before else []
    return [
        _pair(ours[i] if i < len(ours) else None, theirs[i] if i < len(theirs) else None)
        for i in range(max(len(ours), len(theirs)))
    ]


def differing(one: str, other: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Both texts in pieces; joined again they are the texts."""
    matcher = difflib.SequenceMatcher(None, one, other, autojunk=False)
    ours: list[Piece] = []
    theirs: list[Piece] = []
    for tag, start, end, other_start, other_end in matcher.get_opcodes():
        is_other = tag != "equal" or (end - start < _TELLING and one != other)
        if end > start:
            ours.append(Piece(one[start:end], is_other))
        if other_end > other_start:
            theirs.append(Piece(other[other_start:other_end], is_other))
    return tuple(ours), tuple(theirs)


def _pair(now: Step | None, before: Step | None) -> StepPair:
    ours, theirs = differing(now["text"] if now else "", before["text"] if before else "")
    shown = now or before or {}
    return StepPair(shown.get("say") or f"［{shown.get('press', '')}］", now, before, ours, theirs)


def _answers(result: RegressionResult) -> list[tuple[Any, ...]]:
    return [
        (step["kind"], step["text"], [hit["section"] for hit in step["hits"][:_HITS_COMPARED]]) for step in result.steps
    ]
