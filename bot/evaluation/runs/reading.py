"""Reads runs again: lists, one run with its cases, the one before it, and whether a corpus may be published."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, select, tuple_
from sqlalchemy.orm import Session

from bot.errors import BadInputError
from bot.evaluation.regression.cases import RegressionSet
from bot.evaluation.runs.models import RegressionResult, RegressionRun
from bot.policy.releases.publishing import GreenRun

_TREND = 30


class RunIsUnknownError(BadInputError):
    """There is no such run."""


@dataclass(frozen=True)
class Scope:
    """Whose runs: of one company and one policy."""

    controller: str
    policy: str


@dataclass(frozen=True)
class Standing:
    """How a corpus stands before the sets as they are now.

    Attributes:
        batch: the runs that were asked for together and are all green; empty when they were asked for apart.
        missing: titles of sets that were not run against this corpus, or have changed since.
        red: titles of those whose last run is not green.
    """

    batch: str
    missing: tuple[str, ...]
    red: tuple[str, ...]

    @property
    def is_green(self) -> bool:
        """Whether every set is, in one batch: what is published names one."""
        return bool(self.batch)


def find_run(session: Session, scope: Scope, run_id: str) -> RegressionRun:
    """One run.

    Raises:
        RunIsUnknownError: there is none of this company and policy.
    """
    run = session.get(RegressionRun, run_id)
    if run is None or (run.controller, run.policy) != (scope.controller, scope.policy):
        raise RunIsUnknownError("この実行はありません")
    return run


def list_runs(
    session: Session, scope: Scope, *, set_name: str = "", after: tuple[str, str] | None = None, most: int = 50
) -> list[RegressionRun]:
    """Runs, the latest first, from behind the run of the id `after[1]`; one more than `most`, if there are."""
    query = _runs(scope)
    if set_name:
        query = query.where(RegressionRun.set_name == set_name)
    if after is not None:
        last = session.get(RegressionRun, after[1])
        if last is None:
            raise RunIsUnknownError("一覧の続きの指定が正しくありません")
        place = tuple_(RegressionRun.started_at, RegressionRun.id)
        query = query.where(place < (last.started_at, last.id))
    query = query.order_by(RegressionRun.started_at.desc(), RegressionRun.id.desc())
    return list(session.scalars(query.limit(most + 1)))


def results_of(session: Session, run_id: str) -> list[RegressionResult]:
    """The cases of a run, in the order of the set."""
    query = select(RegressionResult).where(RegressionResult.run_id == run_id)
    return list(session.scalars(query.order_by(RegressionResult.position)))


def earlier_runs(session: Session, run: RegressionRun, most: int = 20) -> list[RegressionRun]:
    """The runs of the same set that ended before this one began, the latest first."""
    query = _runs(Scope(run.controller, run.policy)).where(
        RegressionRun.set_name == run.set_name,
        RegressionRun.state == "done",
        tuple_(RegressionRun.started_at, RegressionRun.id) < (run.started_at, run.id),
    )
    return list(session.scalars(query.order_by(RegressionRun.started_at.desc(), RegressionRun.id.desc()).limit(most)))


def verdicts_of(session: Session, run_id: str) -> dict[str, bool]:
    """Which cases of a run passed, by their ids."""
    query = select(RegressionResult.case_id, RegressionResult.passed).where(RegressionResult.run_id == run_id)
    return {row.case_id: row.passed for row in session.execute(query)}


def broken(now: Mapping[str, bool], before: Mapping[str, bool]) -> set[str]:
    """The cases that passed before and do not now."""
    return {case for case, passed in now.items() if not passed and before.get(case)}


def trend(session: Session, scope: Scope, set_name: str) -> list[RegressionRun]:
    """The latest runs of a set that came to their end, the oldest first."""
    query = _runs(scope).where(RegressionRun.set_name == set_name, RegressionRun.state == "done")
    query = query.order_by(RegressionRun.started_at.desc(), RegressionRun.id.desc()).limit(_TREND)
    return list(session.scalars(query))[::-1]


def latest_of_sets(session: Session, scope: Scope, names: Sequence[str]) -> dict[str, RegressionRun]:
    """The latest run of each set that has one."""
    found = {name: list_runs(session, scope, set_name=name, most=1)[:1] for name in names}
    return {name: runs[0] for name, runs in found.items() if runs}


def standing(session: Session, scope: Scope, digest: str, sets: Sequence[RegressionSet]) -> Standing:
    """Whether a corpus passes the sets as they are written now."""
    latest = {one.name: _latest_against(session, scope, digest, one) for one in sets}
    missing = tuple(one.title for one in sets if latest[one.name] is None)
    red = tuple(one.title for one in sets if (run := latest[one.name]) is not None and not run.is_green)
    batches = {run.batch for run in latest.values() if run is not None}
    return Standing(batches.pop() if len(batches) == 1 and not missing and not red else "", missing, red)


def green_run(scope: Scope, sets: Callable[[], Sequence[RegressionSet]]) -> GreenRun:
    """Gives what publishing asks: whether the runs of one batch are over, green, and of exactly this corpus.

    Args:
        scope: whose runs.
        sets: gives the sets as they are now; a batch that leaves one out, or ran it otherwise, is not green.
    """

    def is_green(session: Session, run_id: str, digest: str) -> bool:
        query = _runs(scope).where(RegressionRun.batch == run_id, RegressionRun.subject_digest == digest)
        passed = {(run.set_name, run.set_digest) for run in session.scalars(query) if run.is_green}
        wanted = {(one.name, one.digest) for one in sets()}
        return bool(wanted) and wanted <= passed

    return is_green


def _latest_against(session: Session, scope: Scope, digest: str, one: RegressionSet) -> RegressionRun | None:
    query = _runs(scope).where(
        RegressionRun.subject_digest == digest,
        RegressionRun.set_name == one.name,
        RegressionRun.set_digest == one.digest,
        RegressionRun.state.in_(("done", "failed", "interrupted")),
    )
    return session.scalar(query.order_by(RegressionRun.started_at.desc(), RegressionRun.id.desc()).limit(1))


def _runs(scope: Scope) -> Select[RegressionRun]:
    return select(RegressionRun).where(
        RegressionRun.controller == scope.controller, RegressionRun.policy == scope.policy
    )
