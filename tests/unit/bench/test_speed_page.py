"""The page on speed takes the figures of a run between its marks, and they are of both sides."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench.turn.questions import questions
from bench.turn.report import MARKS, figures

PAGE = Path("docs/speed.md")


def _side(p50: float) -> dict[str, Any]:
    return {"p50": p50, "p95": 2 * p50, "n": 3, "per_second": 10.0, "cpu_ms_a_turn": {"rasa": 20.0}, "failures": {}}


def test_figures_take_their_place_and_leave_the_rest() -> None:
    told = {"train_seconds": 20.0, "ready_seconds": 30.0, "resident_mb": {"rasa": 570.0}}
    result = {
        "levels": [{"users": 8, "ours": _side(60), "stock": _side(120)}],
        "sides": {"ours": told, "stock": told},
        "stages": {"action: search": {"p50": 3.0, "p95": 4.0, "n": 5}},
        "distinct_questions": 800,
        "database": "SQLite",
        "load_before": [1.0, 1.0, 1.0],
    }
    page = PAGE.read_text("utf-8")
    made = MARKS.placed(page, "\n".join(figures(result)))
    assert "| 8 | 60 / 120 | 120 / 240 | 0.50 | 10.0 | 10.0 | 1.00 | 0 / 0 |" in made
    assert "| stock: rasa | 20 | 570 |" in made
    assert made.split(MARKS.begin)[0] == page.split(MARKS.begin)[0]
    assert made.split(MARKS.end)[1] == page.split(MARKS.end)[1]


def test_no_question_is_asked_twice_before_all_were_asked() -> None:
    asked = questions()
    assert len(asked) == len(set(asked)) > 500
    assert asked == questions()
