from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from bot.errors import UnavailableError
from bot.evaluation.regression.cases import RegressionSet
from bot.evaluation.runs import reading, store
from bot.evaluation.runs.models import RegressionRun
from bot.evaluation.runs.reading import Scope
from bot.evaluation.runs.running import Bench, run_cases
from bot.evaluation.runs.store import Order, RunsElsewhereError
from bot.evaluation.runs.subject import Subject, code_version
from tests.support.regression import CANDIDATE, LIVE, NOW, POLICY, SET, clerk, written_set

SCOPE = Scope("eparkrelax", POLICY)


def order(subject: Subject = LIVE, holder: str = "here") -> Order:
    return Order("eparkrelax", "staff:sato", holder, subject)


async def ran(
    session: Session, regression_set: RegressionSet, *lacks: str, subject: Subject = LIVE, minutes: int = 0
) -> RegressionRun:
    """A run from its order to its end."""
    now = NOW + timedelta(minutes=minutes)
    store.queue(session, order(subject), [regression_set], now=now)
    run = store.take_next(session, "eparkrelax", "here", now=now)
    assert run is not None
    async for result in run_cases(regression_set, Bench(clerk(*lacks), lambda: NOW)):
        store.add_result(session, run.id, result, now=now)
    store.finish(session, run.id, regression_set, now=now)
    assert store.take_next(session, "eparkrelax", "here", now=now) is None
    return run


async def test_a_run_keeps_what_it_was_about_and_what_became_of_each_case(session: Session, tmp_path: Path) -> None:
    run = await ran(session, written_set(tmp_path))
    assert (run.state, run.done, run.passed, run.is_green) == ("done", 2, 2, True)
    assert (run.model, run.index_release, run.code, run.release) == ("clerk", "3e16", code_version(), 0)
    period, fee = reading.results_of(session, run.id)
    assert (period.case_id, period.passed, period.title) == ("period", True, "開示の期間は")
    assert period.steps[0]["kind"] == "answer"
    assert period.steps[0]["citations"][0]["section"] == "2-5"
    assert len(period.steps[0]["hits"]) == 5
    assert len(fee.steps) == 2


async def test_what_broke_since_the_run_before_is_told(session: Session, tmp_path: Path) -> None:
    regression_set = written_set(tmp_path)
    first = await ran(session, regression_set)
    second = await ran(session, regression_set, "期間", minutes=1)
    assert second.is_green is False
    assert [run.id for run in reading.earlier_runs(session, second)] == [first.id]
    assert reading.earlier_runs(session, first) == []
    now, before = (reading.verdicts_of(session, run.id) for run in (second, first))
    assert reading.broken(now, before) == {"period", "fee"}
    assert reading.broken(before, now) == set()
    assert reading.broken({"new": False}, before) == set()


async def test_the_trend_is_in_the_order_of_time(session: Session, tmp_path: Path) -> None:
    regression_set = written_set(tmp_path)
    runs = [await ran(session, regression_set, minutes=minutes) for minutes in range(3)]
    assert [run.id for run in reading.trend(session, SCOPE, "periods")] == [run.id for run in runs]
    assert reading.latest_of_sets(session, SCOPE, ["periods", "none"])["periods"].id == runs[-1].id
    first = reading.list_runs(session, SCOPE, most=1)
    assert [run.id for run in first] == [runs[2].id, runs[1].id]
    rest = reading.list_runs(session, SCOPE, after=("", runs[2].id))
    assert [run.id for run in rest] == [runs[1].id, runs[0].id]


async def test_a_corpus_is_green_only_on_the_sets_as_they_are_now(session: Session, tmp_path: Path) -> None:
    regression_set = written_set(tmp_path)
    standing = reading.standing(session, SCOPE, CANDIDATE.digest, [regression_set])
    assert (standing.is_green, standing.missing) == (False, ("期間と料金",))
    await ran(session, regression_set)
    assert not reading.standing(session, SCOPE, CANDIDATE.digest, [regression_set]).is_green
    run = await ran(session, regression_set, subject=CANDIDATE, minutes=1)
    standing = reading.standing(session, SCOPE, CANDIDATE.digest, [regression_set])
    assert (standing.is_green, standing.batch) == (True, run.batch)
    changed = written_set(tmp_path, SET + "\n")
    assert reading.standing(session, SCOPE, CANDIDATE.digest, [changed]).missing == ("期間と料金",)
    await ran(session, regression_set, "期間", subject=CANDIDATE, minutes=2)
    assert reading.standing(session, SCOPE, CANDIDATE.digest, [regression_set]).red == ("期間と料金",)


async def test_a_batch_is_green_for_exactly_its_corpus(session: Session, tmp_path: Path) -> None:
    regression_set = written_set(tmp_path)
    green = await ran(session, regression_set, subject=CANDIDATE)
    is_green = reading.green_run(SCOPE, lambda: [regression_set])
    assert is_green(session, green.batch, CANDIDATE.digest)
    assert not is_green(session, green.batch, LIVE.digest)
    assert not is_green(session, "nothing", CANDIDATE.digest)
    other = written_set(tmp_path, name="others")
    assert not reading.green_run(SCOPE, lambda: [regression_set, other])(session, green.batch, CANDIDATE.digest)


def test_only_one_process_runs_and_one_that_died_is_told(session: Session, tmp_path: Path) -> None:
    regression_set = written_set(tmp_path)
    store.queue(session, order(), [regression_set, written_set(tmp_path, name="others")], now=NOW)
    run = store.take_next(session, "eparkrelax", "here", now=NOW)
    assert run is not None
    with pytest.raises(RunsElsewhereError):
        store.queue(session, order(holder="there"), [regression_set], now=NOW)
    store.mark_interrupted(session, "eparkrelax", now=NOW + timedelta(seconds=30))
    session.expire_all()
    assert [run.state for run in reading.list_runs(session, SCOPE)].count("interrupted") == 0
    later = NOW + timedelta(seconds=store.LEASE_SECONDS + 1)
    store.queue(session, order(holder="there"), [regression_set], now=later)
    session.expire_all()
    assert sorted(run.state for run in reading.list_runs(session, SCOPE)) == ["interrupted", "interrupted", "waiting"]


def test_a_run_that_cannot_go_on_says_why_and_is_not_green(session: Session, tmp_path: Path) -> None:
    store.queue(session, order(), [written_set(tmp_path)], now=NOW)
    run = store.take_next(session, "eparkrelax", "here", now=NOW)
    assert run is not None
    store.fail(session, run.id, "Rasa が必要です", now=NOW)
    assert (run.state, run.fault, run.is_green) == ("failed", "Rasa が必要です", False)


async def test_conversations_need_somewhere_to_be_held(tmp_path: Path) -> None:
    talk = written_set(tmp_path, SET + "way: talk\n")
    with pytest.raises(UnavailableError, match="Rasa"):
        await anext(run_cases(talk, Bench(clerk(), lambda: NOW)))


def test_another_companys_run_is_not_to_be_seen(session: Session, tmp_path: Path) -> None:
    batch = store.queue(session, order(), [written_set(tmp_path)], now=NOW)
    (run,) = reading.list_runs(session, SCOPE)
    assert run.batch == batch
    for scope in (Scope("other", POLICY), Scope("eparkrelax", "eparkrelax/other")):
        with pytest.raises(reading.RunIsUnknownError):
            reading.find_run(session, scope, run.id)
