"""Rows with their outcomes as a run of a question set makes them, written by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.evaluation.outcomes import Found, Outcome
from bot.evaluation.question_sets import Row


def citation(section: str = "1", start: int = 0, quote: str = "甲") -> dict[str, Any]:
    """A citation of some words that begin at `start`."""
    return {"section": section, "heading": "見出し", "quote": quote, "start": start, "end": start + len(quote)}


def message(kind: str, *quotes: str, lead: str = "") -> dict[str, Any]:
    """A message as a client gets it: words of ours, if any, and quotes of section 1."""
    parts: list[dict[str, Any]] = [{"type": "fixed", "text": lead}] if lead else []
    parts += [{"type": "quote", "text": text, "citation": place} for place, text in enumerate(quotes)]
    shown: dict[str, Any] = {"kind": kind, "parts": parts, "text": "\n".join(part["text"] for part in parts)}
    return shown | ({"citations": [citation(quote=text) for text in quotes]} if quotes else {})


def found(*, is_gold: bool, text: str = "本文") -> Found:
    """One hit."""
    return Found("1", 0, len(text), text, 0.5, is_gold=is_gold, parts={"dense": 0.9})


def outcome(
    row: Row, kind: str, *quotes: str, golds: Sequence[bool] = (), answerability: float | None = None
) -> Outcome:
    """What a row got; `golds` says of each hit whether it was right."""
    trace = {} if answerability is None else {"questions": [{"answerability": answerability}]}
    return Outcome(
        row=row,
        messages=[message(kind, *quotes, lead="はい。")],
        kinds=[],
        ms=10.0,
        found=[found(is_gold=is_gold) for is_gold in golds],
        gold_cited=[True for _ in quotes] if row.sections else None,
        trace=trace,
    )
