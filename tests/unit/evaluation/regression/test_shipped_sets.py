"""The sets of this repository, held by the corpus and the code of this very change: what CI runs of them."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from bot.clock import system_clock
from bot.evaluation.regression.cases import RegressionSet
from bot.evaluation.regression.files import list_sets
from bot.evaluation.regression.reading import read_set
from bot.evaluation.runs.running import Bench, run_cases
from bot.policy.assistant import Assistant, open_assistant
from bot.settings import Settings

FOLDER, POLICY = Path("data/regression"), "eparkrelax/privacy"
SETS = [read_set(path) for path in list_sets(FOLDER, POLICY)]
SHORT = [each for each in SETS if each.is_short]


@pytest.fixture(scope="module")
def assistant() -> Assistant:
    return open_assistant(Settings())


@pytest.mark.parametrize("regression_set", SHORT, ids=lambda each: each.name)
async def test_a_short_set_is_green(assistant: Assistant, regression_set: RegressionSet) -> None:
    results = [result async for result in run_cases(regression_set, Bench(assistant, system_clock))]
    wrong = {result.case: result.wrong for result in results if not result.passed}
    assert regression_set.is_green(len(results) - len(wrong)), wrong


def test_there_are_answers_refusals_requests_and_conversations() -> None:
    assert len(SETS) >= 4
    assert sum(len(each.cases) for each in SETS) >= 60
    assert {each.way for each in SETS} == {"answers", "talk"}
    kinds = {kind for each in SETS for row in each.rows for kind in row.expects}
    assert {"answer", "not_in_policy", "out_of_scope", "request", "receipt"} <= kinds
    assert any(row.request_kinds for each in SETS for row in each.rows)


@pytest.mark.shared
def test_no_question_is_taken_from_a_set_that_measures() -> None:
    files = [*Path("bench/sets").glob("*/test.tsv"), *(Settings().shared / "questions").glob("*.tsv")]
    if not any(file.parent.name == "questions" for file in files):
        pytest.skip("the shared questions are not there")
    measured: set[str] = set()
    for file in files:
        with file.open(encoding="utf-8") as lines:
            rows = csv.DictReader(lines, delimiter="\t")
            measured |= {(row.get("utterance") or row.get("question") or "").strip() for row in rows}
    ours = {row.utterance for each in SETS for row in each.rows if row.utterance}
    assert not ours & measured
