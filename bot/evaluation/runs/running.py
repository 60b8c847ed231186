"""Runs a regression set and judges every case: the same for the console, for `madoguchi eval` and for CI."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.clock import Clock
from bot.errors import UnavailableError
from bot.evaluation.offline import OfflineRunner
from bot.evaluation.outcomes import Outcome
from bot.evaluation.regression.cases import Case, RegressionSet
from bot.evaluation.talking import Talker, talk_through
from bot.evaluation.verdicts import judge
from bot.policy.assistant import Assistant

HITS_KEPT = 5


@dataclass(frozen=True)
class Bench:
    """What cases are run on: the policy room, and where conversations are held, if anywhere."""

    assistant: Assistant
    clock: Clock
    talker: Talker | None = None


@dataclass(frozen=True)
class CaseResult:
    """What became of one case; `steps` are plain JSON, since runs are kept and compared long after."""

    case: str
    title: str
    passed: bool
    ms: float
    steps: list[dict[str, Any]]
    trace: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def wrong(self) -> list[str]:
        """What was wrong, over all steps."""
        return [words for step in self.steps for words in step["wrong"]]


async def run_cases(regression_set: RegressionSet, bench: Bench) -> AsyncGenerator[CaseResult]:
    """One result a case, in their order, as they come.

    Raises:
        BadInputError: a row names a policy that cannot be opened.
        UnavailableError: conversations cannot be held.
    """
    outcomes = _outcomes(regression_set, bench)
    for case in regression_set.cases:
        mine = [await anext(outcomes) for _ in case.rows]
        yield _result(case, mine)


async def _outcomes(regression_set: RegressionSet, bench: Bench) -> AsyncIterator[Outcome]:
    if regression_set.way == "answers":
        for outcome in OfflineRunner(lambda _file: bench.assistant, bench.clock).each(regression_set.rows):
            yield outcome
    elif bench.talker is None:
        raise UnavailableError("このセットは会話として実行するため、Rasa が必要です")
    else:
        async for outcome in talk_through(bench.talker, regression_set.rows):
            yield outcome


def _result(case: Case, outcomes: Sequence[Outcome]) -> CaseResult:
    steps = [_step(outcome) for outcome in outcomes]
    return CaseResult(
        case=case.id,
        title=case.title,
        passed=not any(step["wrong"] for step in steps),
        ms=sum(outcome.ms for outcome in outcomes),
        steps=steps,
        trace=dict(outcomes[0].trace),
    )


def _step(outcome: Outcome) -> dict[str, Any]:
    verdict, row = judge(outcome), outcome.row
    return {
        "say": row.utterance,
        "press": row.press,
        "expected": list(verdict.expected),
        "wrong": list(verdict.wrong),
        "kind": outcome.message["kind"],
        "text": "\n\n".join(message["text"] for message in outcome.messages),
        "kinds": list(outcome.kinds),
        "citations": [
            {name: citation[name] for name in ("section", "heading", "quote", "start", "end")}
            for message in outcome.messages
            for citation in message.get("citations", ())
        ],
        "hits": [hit.to_json() for hit in (outcome.found or ())[:HITS_KEPT]],
        "ms": round(outcome.ms, 1),
    }
