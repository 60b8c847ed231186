from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.evaluation.runs.comparing import Compared, compared, differing, steps_of
from bot.evaluation.runs.models import RegressionResult


def result(case: str, text: str = "甲です", *, passed: bool = True) -> RegressionResult:
    step: dict[str, Any] = {"say": "問い", "press": "", "kind": "answer", "text": text, "hits": [], "wrong": []}
    return RegressionResult(case_id=case, passed=passed, steps=[step])


@pytest.mark.parametrize(
    ("now", "before", "change"),
    [
        (result("a"), result("a"), "same"),
        (result("a", "乙です"), result("a"), "answer"),
        (result("a", passed=False), result("a"), "broken"),
        (result("a"), result("a", passed=False), "mended"),
        (result("a"), None, "new"),
    ],
)
def test_what_changed_is_one_word(now: RegressionResult, before: RegressionResult | None, change: str) -> None:
    assert Compared(now, before).change == change


def test_cases_find_themselves_by_their_id() -> None:
    pairs = compared([result("b"), result("a")], [result("a"), result("c")])
    assert [(pair.now.case_id, pair.before is not None) for pair in pairs] == [("b", False), ("a", True)]
    (step,) = steps_of(pairs[0])
    assert (step.said, step.before) == ("問い", None)


@given(st.text(max_size=80), st.text(max_size=80))
def test_pieces_are_the_texts(one: str, other: str) -> None:
    ours, theirs = differing(one, other)
    assert "".join(piece.text for piece in ours) == one
    assert "".join(piece.text for piece in theirs) == other


def test_only_what_differs_is_marked() -> None:
    ours, theirs = differing("2週間以内に回答します。", "3週間以内に回答します。")
    assert [piece.text for piece in ours if piece.is_other] == ["2"]
    assert [piece.text for piece in theirs if piece.is_other] == ["3"]
    assert not any(piece.is_other for piece in differing("はい", "はい")[0])
