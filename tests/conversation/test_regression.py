"""The sets of whole conversations, through the real Rasa and the real actions, marked as tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.channels.gateway import open_gateway
from bot.evaluation.regression.cases import RegressionSet
from bot.evaluation.regression.files import list_sets
from bot.evaluation.regression.reading import read_set
from bot.evaluation.rehearsal import Rehearsals
from bot.evaluation.runs.running import Bench, run_cases
from bot.policy.assistant import open_assistant
from bot.settings import Settings

pytestmark = pytest.mark.stack

TALKS = [
    one for path in list_sets(Path("data/regression"), "eparkrelax/privacy") if (one := read_set(path)).way == "talk"
]


@pytest.mark.parametrize("regression_set", TALKS, ids=lambda one: one.name)
async def test_a_set_of_conversations_is_green(stack: Settings, regression_set: RegressionSet) -> None:
    gateway = open_gateway(stack)
    bench = Bench(open_assistant(stack), gateway.clock, Rehearsals(gateway))
    try:
        results = [result async for result in run_cases(regression_set, bench)]
    finally:
        await gateway.close()
    assert {result.case: result.wrong for result in results if not result.passed} == {}
    dialogue = results[0].trace["trace"]["dialogue"]
    assert dialogue["action"] == "action_open_request"
