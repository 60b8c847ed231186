"""The sets of the policy, as the pages of 回帰テスト show them, and how each stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from bot.console.frame.parts import Console
from bot.errors import BadInputError
from bot.evaluation.regression.cases import RegressionSet
from bot.evaluation.regression.files import list_sets
from bot.evaluation.regression.reading import read_set
from bot.evaluation.runs import reading, store
from bot.evaluation.runs.models import RegressionRun
from bot.evaluation.runs.reading import Scope

STATES = {
    "waiting": "待機中",
    "running": "実行中",
    "done": "完了",
    "failed": "実行できず",
    "interrupted": "中断",
}
WAYS = {"answers": "答えだけ（速い）", "talk": "会話として（Rasa を使う）"}


@dataclass(frozen=True)
class Shelved:
    """One set with its latest run; `fault` says why it cannot be read, and then there is no set."""

    name: str
    regression_set: RegressionSet | None
    fault: str
    latest: RegressionRun | None


@dataclass(frozen=True)
class Verdict:
    """What a run came to, in a word, with the mark that its badge has."""

    title: str
    mark: str


async def mark_interrupted(console: Console) -> None:
    """Ends the runs whose process is gone; while there are none, whoever looks at a page waits for no writer."""
    controller, now = console.controller, console.clock()
    if await console.read(lambda session: store.is_one_interrupted(session, controller, now=now)):
        await console.write(lambda session: store.mark_interrupted(session, controller, now=now))


def scope_of(console: Console) -> Scope:
    """Whose runs this console shows."""
    return Scope(console.controller, console.settings.default_policy)


def read_all(console: Console) -> list[Shelved]:
    """Every set of the policy, readable or not; without runs."""
    paths = list_sets(console.settings.regression_dir, console.settings.default_policy)
    found: list[Shelved] = []
    for path in paths:
        try:
            found.append(Shelved(path.stem, read_set(path), "", None))
        except BadInputError as error:
            found.append(Shelved(path.stem, None, str(error), None))
    return found


def readable(shelf: Sequence[Shelved]) -> list[RegressionSet]:
    """The sets that can be run."""
    return [each.regression_set for each in shelf if each.regression_set is not None]


def with_runs(session: Session, scope: Scope, shelf: Sequence[Shelved]) -> list[Shelved]:
    """The same with the latest run of each."""
    latest = reading.latest_of_sets(session, scope, [each.name for each in shelf])
    return [Shelved(each.name, each.regression_set, each.fault, latest.get(each.name)) for each in shelf]


def verdict_of(run: RegressionRun) -> Verdict:
    """合格 only when it ended, and green."""
    if run.state != "done":
        mark = {"waiting": "", "running": "warn"}.get(run.state, "bad")
        return Verdict(STATES[run.state], mark)
    return Verdict("合格", "good") if run.is_green else Verdict("不合格", "bad")
