"""Keeps runs: asked for, going on, ended; and says honestly of those whose process died that they were cut short."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from bot.errors import UnavailableError
from bot.evaluation.regression.cases import RegressionSet
from bot.evaluation.runs.models import RegressionResult, RegressionRun
from bot.evaluation.runs.running import CaseResult
from bot.evaluation.runs.subject import Subject, code_version
from bot.storage import leases
from bot.storage.models import Lease

LEASE_SECONDS = 120.0
_KEPT = 200
_OPEN = ("waiting", "running")


class RunsElsewhereError(UnavailableError):
    """Another process is at it."""


@dataclass(frozen=True)
class Order:
    """Who wants what run, and the process that will run it."""

    controller: str
    started_by: str
    holder: str
    subject: Subject


def queue(session: Session, order: Order, sets: Sequence[RegressionSet], *, now: datetime) -> str:
    """Asks for a run of each set, and takes the right to run them; gives the name they have in common.

    Raises:
        RunsElsewhereError: another process has that right.
    """
    hold(session, order.controller, order.holder, now=now)
    mark_interrupted(session, order.controller, now=now)
    batch = secrets.token_hex(16)
    session.add_all([_waiting(order, one, batch, now) for one in sets])
    session.flush()
    return batch


def hold(session: Session, controller: str, holder: str, *, now: datetime) -> None:
    """Takes or keeps the right to run.

    Raises:
        RunsElsewhereError: another process has it.
    """
    name = lease_name(controller)
    if not leases.acquire(session, name, controller=controller, holder=holder, now=now, seconds=LEASE_SECONDS):
        raise RunsElsewhereError("回帰テストは、ほかのところで実行中です。終わってからお試しください。")


def lease_name(controller: str) -> str:
    """The lease under which a company's sets are run: one at a time."""
    return f"regression:{controller}"


def take_next(session: Session, controller: str, holder: str, *, now: datetime) -> RegressionRun | None:
    """The next run that waits for this process, begun; when there is none, the right to run is given back."""
    query = select(RegressionRun).where(RegressionRun.holder == holder, RegressionRun.state == "waiting")
    run = session.scalar(query.order_by(RegressionRun.queued_at, RegressionRun.set_name).limit(1))
    if run is None:
        leases.release(session, lease_name(controller), holder=holder)
        return None
    hold(session, controller, holder, now=now)
    run.state, run.started_at = "running", now
    return run


def add_result(session: Session, run_id: str, result: CaseResult, *, now: datetime) -> None:
    """Keeps what became of a case, and stays the one who runs."""
    run = session.get_one(RegressionRun, run_id)
    hold(session, run.controller, run.holder, now=now)
    session.add(
        RegressionResult(
            run_id=run_id,
            position=run.done,
            controller=run.controller,
            case_id=result.case[:80],
            title=result.title,
            passed=result.passed,
            ms=round(result.ms, 1),
            steps=result.steps,
        )
    )
    run.done += 1
    run.passed += result.passed
    run.model = run.model or str(result.trace.get("model", ""))
    run.index_release = run.index_release or str(result.trace.get("index", ""))


def finish(session: Session, run_id: str, regression_set: RegressionSet, *, now: datetime) -> None:
    """Ends a run; only the latest runs of a set are kept whole, of older ones their figures."""
    run = session.get_one(RegressionRun, run_id)
    run.state, run.ended_at = "done", now
    run.is_green = run.done == run.cases and regression_set.is_green(run.passed)
    session.flush()
    _forget_old(session, run)


def fail(session: Session, run_id: str, why: str, *, now: datetime) -> None:
    """Ends a run that could not go on; it is not green."""
    run = session.get_one(RegressionRun, run_id)
    run.state, run.ended_at, run.fault, run.is_green = "failed", now, why, False


def mark_interrupted(session: Session, controller: str, *, now: datetime) -> None:
    """Ends the runs whose process is gone: those that are open though whoever wanted to run them may not any more."""
    statement = update(RegressionRun).where(*_gone(session, controller, now))
    session.execute(statement.values(state="interrupted", ended_at=now, is_green=False))


def is_one_interrupted(session: Session, controller: str, *, now: datetime) -> bool:
    """Whether `mark_interrupted` has something to do; changes nothing."""
    return session.scalar(select(RegressionRun.id).where(*_gone(session, controller, now)).limit(1)) is not None


def _gone(session: Session, controller: str, now: datetime) -> list[ColumnElement[bool]]:
    lease = session.get(Lease, lease_name(controller), populate_existing=True)
    gone = [RegressionRun.state.in_(_OPEN), RegressionRun.controller == controller]
    if lease is not None and lease.until > now:
        gone.append(RegressionRun.holder != lease.holder)
    return gone


def _waiting(order: Order, one: RegressionSet, batch: str, now: datetime) -> RegressionRun:
    subject = order.subject
    return RegressionRun(
        id=secrets.token_hex(16),
        batch=batch,
        controller=order.controller,
        policy=subject.policy,
        set_name=one.name,
        set_title=one.title,
        set_digest=one.digest,
        passing=one.passing,
        subject=subject.sort,
        subject_digest=subject.digest,
        release=subject.release,
        version=subject.version,
        model="",
        index_release="",
        code=code_version(),
        state="waiting",
        fault="",
        started_by=order.started_by,
        holder=order.holder,
        queued_at=now,
        started_at=now,
        ended_at=None,
        cases=len(one.cases),
        done=0,
        passed=0,
        is_green=None,
    )


def _forget_old(session: Session, run: RegressionRun) -> None:
    query = select(RegressionRun.id).where(
        RegressionRun.controller == run.controller,
        RegressionRun.policy == run.policy,
        RegressionRun.set_name == run.set_name,
    )
    old = query.order_by(RegressionRun.started_at.desc(), RegressionRun.id).offset(_KEPT)
    session.execute(delete(RegressionResult).where(RegressionResult.run_id.in_(session.scalars(old).all())))
