"""Runs what waits, one set after the other, in a thread of this process; what it finds is stored case by case."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass

from bot.channels.gateway import open_gateway
from bot.console.frame.background import Report, Task
from bot.console.frame.parts import Console
from bot.console.trying.tools import Tools, corpus_name, on_corpus
from bot.errors import MadoguchiError
from bot.evaluation.regression.cases import RegressionSet
from bot.evaluation.regression.files import find_set
from bot.evaluation.rehearsal import Rehearsals
from bot.evaluation.runs import store
from bot.evaluation.runs.models import RegressionRun
from bot.evaluation.runs.running import Bench, run_cases
from bot.evaluation.runs.subject import Sort, Subject
from bot.storage.engine import transaction

NAME = "regression"

_CHANGED = "実行を待つ間に、{}が変わりました。もう一度実行してください。"


def start(console: Console, tools: Tools) -> Task:
    """Begins to work off what waits, unless this process is at it already."""
    return console.background.start(NAME, _Work(console, tools))


@dataclass(frozen=True)
class _Work:
    console: Console
    tools: Tools

    def __call__(self, report: Report) -> None:
        """Works until nothing waits any more."""
        while (run := self._next()) is not None:
            try:
                asyncio.run(self._run(run, report))
            except MadoguchiError as error:
                self._fail(run, str(error))
            except Exception as error:
                # The rest shall still run, and whoever looks at this one shall see that it did not end.
                self._fail(run, f"予期しない問題が起きました（{type(error).__name__}）")
                raise

    def _next(self) -> RegressionRun | None:
        console = self.console
        with transaction(console.engine) as session:
            return store.take_next(session, console.controller, self.tools.holder, now=console.clock())

    def _fail(self, run: RegressionRun, why: str) -> None:
        with transaction(self.console.engine) as session:
            store.fail(session, run.id, why, now=self.console.clock())

    async def _run(self, run: RegressionRun, report: Report) -> None:
        regression_set, subject = self._as_ordered(run)
        if regression_set.way == "talk":
            gateway = open_gateway(self.console.settings, clock=self.console.clock)
            talking = on_corpus(gateway, corpus_name(subject))
            try:
                await self._judge(run, regression_set, self._bench(subject, Rehearsals(talking)), report)
            finally:
                await talking.rasa.close()
                await gateway.close()
        else:
            await self._judge(run, regression_set, self._bench(subject, None), report)

    def _as_ordered(self, run: RegressionRun) -> tuple[RegressionSet, Subject]:
        """The set and the corpus, which must be those that somebody wanted to be run."""
        sort: Sort = "candidate" if run.subject == "candidate" else "live"
        subject = self.tools.subjects.find(sort)
        if subject.digest != run.subject_digest:
            raise _ChangedError(_CHANGED.format(subject.title))
        regression_set = find_set(self.console.settings.regression_dir, run.policy, run.set_name)
        if regression_set.digest != run.set_digest:
            raise _ChangedError(_CHANGED.format("セット"))
        return regression_set, subject

    def _bench(self, subject: Subject, talker: Rehearsals | None) -> Bench:
        return Bench(self.tools.subjects.open(subject), self.console.clock, talker)

    async def _judge(self, run: RegressionRun, regression_set: RegressionSet, bench: Bench, report: Report) -> None:
        done = 0
        async with aclosing(run_cases(regression_set, bench)) as results:
            async for result in results:
                with transaction(self.console.engine) as session:
                    store.add_result(session, run.id, result, now=self.console.clock())
                done += 1
                report(done, run.cases)
        with transaction(self.console.engine) as session:
            store.finish(session, run.id, regression_set, now=self.console.clock())


class _ChangedError(MadoguchiError):
    """What was to be run is not there any more as it was."""
