from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.evaluation.measures import Measure, Separation, Share, percentile, summarise
from bot.evaluation.outcomes import Outcome
from bot.evaluation.question_sets import Row
from tests.support.outcomes import citation, message, outcome

YES = Row(2, "a", answerable=True, sections=("1",), key_facts=("甲",))
NO = Row(3, "b", answerable=False, is_near_miss=True)
OFF = Row(4, "c", kind="oos", answerable=False)


def _measured(*outcomes: Outcome) -> dict[str, Measure]:
    return summarise(outcomes).measures


@pytest.mark.parametrize(
    ("good", "of", "interval"),
    [
        # The examples of Newcombe, "Two-sided confidence intervals for the single proportion" (1998), method 3.
        (81, 263, (0.2553, 0.3662)),
        (15, 148, (0.0624, 0.1605)),
        (0, 20, (0.0, 0.1611)),
        (1, 29, (0.0061, 0.1718)),
    ],
)
def test_the_interval_is_wilsons(good: int, of: int, interval: tuple[float, float]) -> None:
    assert Share(good, of).interval == pytest.approx(interval, abs=1e-4)


@given(st.integers(1, 400), st.floats(0, 1))
def test_the_interval_holds_the_figure_and_stays_within_bounds(of: int, part: float) -> None:
    share = Share(part * of, of)
    assert share.interval is not None
    assert share.value is not None
    low, high = share.interval
    assert 0 <= low <= share.value + 1e-9
    assert share.value - 1e-9 <= high <= 1


def test_a_share_of_nothing_is_empty() -> None:
    assert Share(0, 0).value is None
    assert Share(0, 0).interval is None


def test_finding_is_measured_over_answerable_rows_with_gold() -> None:
    measures = _measured(
        outcome(YES, "answer", golds=[True, False]),
        outcome(YES, "answer", golds=[False, False, True]),
        outcome(YES, "answer", golds=[False, False, False, True]),
        outcome(YES, "answer", golds=[False] * 10 + [True]),
        outcome(Row(9, "no gold", answerable=True), "answer", golds=[True]),
        outcome(NO, "answer", golds=[True]),
    )
    assert measures["hit@1"] == Share(1, 4)
    assert measures["hit@3"] == Share(2, 4)
    assert measures["mrr"].value == pytest.approx((1 + 1 / 3 + 1 / 4 + 0) / 4)


def test_a_search_that_finds_nothing_counts_as_a_miss_and_a_server_that_shows_nothing_does_not() -> None:
    shown = outcome(YES, "answer", "甲", golds=[])
    hidden = Outcome(YES, shown.messages, [], 1.0, gold_cited=[True])
    assert _measured(shown)["hit@1"] == Share(0, 1)
    assert _measured(hidden)["hit@1"] == Share(0, 0)


def test_facts_count_in_answers_only() -> None:
    measures = _measured(
        outcome(YES, "answer", "甲"),
        outcome(YES, "answer", "乙"),
        outcome(YES, "not_in_policy", "甲"),
        outcome(NO, "answer"),
    )
    assert measures["answers_with_every_key_fact"] == Share(1, 3)


def test_every_citation_of_an_answer_to_an_answerable_row_counts() -> None:
    said = message("answer", "甲", "乙") | {"citations": [citation("1-2"), citation("3")]}
    answered = Outcome(YES, [said], [], 10.0, gold_cited=[True, False])
    refused = Outcome(YES, [message("not_in_policy", "丙")], [], 10.0, gold_cited=[False])
    without_gold = Outcome(Row(5, "d", answerable=True), [said], [], 10.0)
    assert _measured(answered, refused, without_gold)["citation_precision"] == Share(1, 2)


def test_refusals_are_told_apart_and_a_question_back_is_neither() -> None:
    unlabelled = Row(5, "d", answerable=False)
    measures = _measured(
        outcome(YES, "answer"),
        outcome(YES, "not_in_policy"),
        outcome(YES, "out_of_scope"),
        outcome(YES, "clarify"),
        outcome(NO, "not_in_policy"),
        outcome(NO, "clarify"),
        outcome(unlabelled, "not_in_policy"),
        outcome(OFF, "out_of_scope"),
        outcome(OFF, "not_in_policy"),
    )
    assert measures["not_in_policy_recall"] == Share(2, 3)
    assert measures["near_miss_recall"] == Share(1, 2)
    assert measures["not_in_policy_false_rate"] == Share(1, 4)
    assert measures["off_topic_recall"] == Share(1, 2)
    assert measures["off_topic_false_rate"] == Share(1, 4)
    assert measures["clarify_rate"] == Share(2, 7)


def test_a_follow_up_is_a_question_and_an_action_is_none() -> None:
    measures = _measured(
        outcome(Row(2, "a", kind="followup", answerable=False), "not_in_policy"),
        outcome(Row(3, "b", kind="action", answerable=False, request_kinds=frozenset({"deletion"})), "request"),
    )
    assert measures["not_in_policy_recall"] == Share(1, 1)


def test_kinds_of_request_must_be_exactly_those() -> None:
    row = Row(2, "a", kind="action", request_kinds=frozenset({"deletion", "use_stop"}))
    kinds = (["use_stop", "deletion"], ["deletion"], ["deletion", "use_stop", "disclosure"])
    measures = _measured(*(Outcome(row, [message("request")], each, 1.0) for each in kinds))
    assert measures["request_kind_accuracy"] == Share(1, 3)


def test_separation_counts_pairs_and_ties_half() -> None:
    assert Separation((0.9, 0.5), (0.5, 0.1)).value == pytest.approx(3.5 / 4)
    assert Separation((1.0,), (0.0,)).value == 1
    assert Separation((), (0.1,)).value is None
    assert Separation((0.2,), ()).interval is None


def test_separation_has_hanley_and_mcneils_interval() -> None:
    good, bad = tuple([1.0] * 45 + [0.0] * 5), tuple([0.0] * 35 + [1.0] * 15)
    area = Separation(good, bad).value
    assert area == pytest.approx(0.9 * 0.7 + (0.9 * 0.3 + 0.1 * 0.7) / 2)
    # By the formulas of their paper of 1982, worked by hand for an area of 0.8 and 50 and 50 cases.
    low, high = Separation(good, bad).interval or (0, 0)
    assert (low, high) == pytest.approx((0.7128, 0.8872), abs=1e-4)


def test_answerability_is_skipped_until_the_assistant_says_it() -> None:
    silent = _measured(outcome(YES, "answer"), outcome(NO, "not_in_policy"))
    assert silent["answerability_auroc"].value is None
    said = _measured(outcome(YES, "answer", answerability=0.8), outcome(NO, "answer", answerability=0.3))
    assert said["answerability_auroc"].value == 1


def test_percentiles_are_values_that_occurred() -> None:
    assert percentile([1.0, 2.0, 3.0, 4.0], 0.5) == 2
    assert percentile([float(n) for n in range(1, 101)], 0.95) == 95
    assert percentile([7.0], 0.95) == 7
