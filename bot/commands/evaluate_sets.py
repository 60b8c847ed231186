"""`madoguchi eval SET.yml`: runs regression sets as the console does, and fails when one is not green."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from bot.clock import system_clock
from bot.errors import BadInputError
from bot.policy.documents import full_id
from bot.settings import Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.evaluation.regression.cases import RegressionSet
    from bot.evaluation.runs.running import CaseResult
    from bot.evaluation.talking import Talker

SUFFIX = ".yml"
_NOT_GREEN = 1


@dataclass(frozen=True)
class Wanted:
    """What a call of the command names beside the files."""

    policy: str | None
    corpus: Path | None
    server: str | None
    junit: Path | None
    as_json: bool


@dataclass(frozen=True)
class _Ran:
    regression_set: RegressionSet
    results: Sequence[CaseResult]

    @property
    def passed(self) -> int:
        return sum(result.passed for result in self.results)

    @property
    def is_green(self) -> bool:
        return self.regression_set.is_green(self.passed)


def run_sets(settings: Settings, files: Sequence[Path], wanted: Wanted) -> None:
    """Runs every set, prints what came of it, and ends the command with status 1 when one is not green.

    Raises:
        BadInputError: a file is no set, or cannot be run where it should be.
        UnavailableError: conversations cannot be held.
    """
    from bot.evaluation.regression.reading import read_set  # noqa: PLC0415 - other commands need not wait for it

    sets = [read_set(file) for file in files]
    if wanted.server and any(row.press for one in sets for row in one.rows):
        raise BadInputError("presses file requests, which only a test may: leave --server out, and it is run as tests")
    ran = asyncio.run(_run(settings, sets, wanted))
    if wanted.junit is not None:
        _write_junit(settings, ran, wanted.junit, wanted.policy)
    typer.echo(_as_json(ran) if wanted.as_json else "\n".join(_lines(ran)))
    if not all(each.is_green for each in ran):
        raise typer.Exit(_NOT_GREEN)


async def _run(settings: Settings, sets: Sequence[RegressionSet], wanted: Wanted) -> list[_Ran]:
    from bot.evaluation.runs.running import Bench, run_cases  # noqa: PLC0415 - see above
    from bot.policy.assistant import open_assistant  # noqa: PLC0415 - see above

    assistant = open_assistant(settings, wanted.policy, corpus=wanted.corpus)
    found: list[_Ran] = []
    async with _talking(settings, sets, wanted.server) as talker:
        bench = Bench(assistant, system_clock, talker)
        for one in sets:
            found.append(_Ran(one, [result async for result in run_cases(one, bench)]))  # noqa: PERF401 - one after the other
    return found


@asynccontextmanager
async def _talking(
    settings: Settings, sets: Sequence[RegressionSet], server: str | None
) -> AsyncIterator[Talker | None]:
    from bot.channels.gateway import open_gateway  # noqa: PLC0415 - see above
    from bot.evaluation.rehearsal import Rehearsals  # noqa: PLC0415 - see above
    from bot.evaluation.server import ChatApi  # noqa: PLC0415 - see above

    if server:
        yield ChatApi(server.rstrip("/"))
    elif all(one.way == "answers" for one in sets):
        yield None
    else:
        gateway = open_gateway(settings)
        try:
            yield Rehearsals(gateway)
        finally:
            await gateway.close()


def _lines(ran: Sequence[_Ran]) -> Iterator[str]:
    width = max(len(each.regression_set.name) for each in ran)
    for each in ran:
        verdict = "green" if each.is_green else "RED"
        yield f"{each.regression_set.name:<{width}}  {verdict:<5}  {each.passed}/{len(each.results)}"
        for result in each.results:
            if not result.passed:
                yield f"  {result.case}: {result.title}: {'; '.join(result.wrong)}"


def _as_json(ran: Sequence[_Ran]) -> str:
    told = [
        {
            "set": each.regression_set.name,
            "digest": each.regression_set.digest,
            "green": each.is_green,
            "passed": each.passed,
            "cases": [
                {"case": result.case, "passed": result.passed, "ms": round(result.ms, 1), "steps": result.steps}
                for result in each.results
            ],
        }
        for each in ran
    ]
    return json.dumps({"sets": told}, ensure_ascii=False, indent=1)


def _write_junit(settings: Settings, ran: Sequence[_Ran], place: Path, policy: str | None) -> None:
    from bot.evaluation.runs.export import suites  # noqa: PLC0415 - see above

    name = full_id(policy or settings.default_policy)
    try:
        place.write_bytes(suites(name, [(each.regression_set, each.results) for each in ran]))
    except OSError as error:
        raise BadInputError(f"{place}: {error.strerror}") from None
