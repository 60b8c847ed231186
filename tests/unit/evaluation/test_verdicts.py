from __future__ import annotations

import pytest

from bot.evaluation.outcomes import Outcome
from bot.evaluation.question_sets import Row
from bot.evaluation.verdicts import judge
from tests.support.outcomes import message, outcome

YES = Row(2, "a", answerable=True, sections=("1",))


@pytest.mark.parametrize(
    ("row", "kind", "is_right"),
    [
        (Row(2, "a", answerable=True), "answer", True),
        (Row(2, "a", answerable=True), "clarify", False),
        (Row(2, "a", answerable=False), "not_in_policy", True),
        (Row(2, "a", answerable=False), "answer", False),
        (Row(2, "a", kind="followup", answerable=False), "out_of_scope", False),
        (Row(2, "a", kind="oos"), "out_of_scope", True),
        (Row(2, "a", kind="oos"), "not_in_policy", False),
        (Row(2, "a", kind="smalltalk", answerable=False), "clarify", None),
        (Row(2, "a"), "answer", None),
    ],
)
def test_the_kind_of_message_is_judged(row: Row, kind: str, is_right: bool | None) -> None:  # noqa: FBT001 - a parameter of a test
    assert judge(outcome(row, kind)).is_right is is_right


def test_each_missing_fact_is_named() -> None:
    row = Row(2, "a", answerable=True, key_facts=("甲", "乙"), sections=("1",))
    verdict = judge(outcome(row, "answer", "甲"))
    assert verdict.wrong == ("語句「乙」がない",)
    assert verdict.expected == ("種類 answer", "語句「甲」", "語句「乙」", "条項 1")


def test_without_facts_the_right_place_must_be_cited() -> None:
    assert judge(outcome(YES, "answer", "甲")).is_right
    beside = Outcome(YES, [message("answer", "乙")], [], 1.0, gold_cited=[False])
    assert judge(beside).wrong == ("正解の箇所を引用していない",)


def test_requests_are_judged_by_their_kinds() -> None:
    row = Row(2, "a", kind="action", request_kinds=frozenset({"deletion"}))
    assert judge(Outcome(row, [message("request")], ["deletion"], 1.0)).is_right
    assert judge(Outcome(row, [message("request")], [], 1.0)).wrong == ("請求が deletion ではなく なし",)
