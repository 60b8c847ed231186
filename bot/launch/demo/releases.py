"""A release that two made-up people published, a candidate that waits for the next, and runs of the regression sets."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.clock import in_tokyo
from bot.evaluation.regression.cases import RegressionSet
from bot.evaluation.regression.files import find_set, list_sets
from bot.evaluation.runs import store
from bot.evaluation.runs.running import Bench, CaseResult, run_cases
from bot.evaluation.runs.subject import Subject
from bot.evaluation.runs.subjects import Subjects
from bot.launch.demo.people import COUNSELLOR, OFFICER, SECOND_COUNSELLOR
from bot.launch.demo.talks import Talker
from bot.policy.assistant import Assistant
from bot.policy.releases.editing import Edit, applied, checked, draft_of, save
from bot.policy.releases.entry_files import find
from bot.policy.releases.publishing import Publication, publish
from bot.storage.engine import transaction

_CARDS = "answers.yml"
_PUBLISHED = (
    "purpose-member-info",
    "会員情報は、引用のとおりの目的に利用します。予約、本人確認、お問い合わせへの対応などです。",
)
_WAITING = (
    "purposes-all",
    "個人情報の利用目的は、情報の種類ごとに決められています。種類ごとの目的は、引用のとおりです。",
)
_REASON = "言い回しだけの変更のため（デモ）"
_PUBLISHED_BEFORE, _BEGUN_BEFORE = timedelta(days=8), timedelta(days=1)
_RUNS_BEFORE = tuple(timedelta(days=days) for days in (13, 10, 4))
_HOLDER = "demo"


def tell_releases(talker: Talker, *, until: datetime) -> None:
    """Publishes one changed card, and begins a candidate with another."""
    settings, engine = talker.gateway.settings, talker.gateway.engine
    policy = settings.default_policy
    version = _edit(talker, *_PUBLISHED, actor=f"staff:{COUNSELLOR}", now=until - _PUBLISHED_BEFORE)
    decided = Publication(version, f"staff:{OFFICER}", "見本 花子", note="", override_reason=_REASON)
    with transaction(engine) as session:
        publish(
            session, settings, policy, decided, lambda *_: False, now=until - _PUBLISHED_BEFORE + timedelta(hours=2)
        )
    _edit(talker, *_WAITING, actor=f"staff:{SECOND_COUNSELLOR}", now=until - _BEGUN_BEFORE)


def tell_runs(talker: Talker, assistant: Assistant, *, until: datetime) -> int:
    """Runs every set that needs no conversation, as staff did before the release; gives how many runs there are.

    What answers is the same each time, so that its answers are asked for once.
    """
    settings = talker.gateway.settings
    folder, policy = settings.regression_dir, settings.default_policy
    sets = [find_set(folder, policy, path.stem) for path in list_sets(folder, policy)]
    offline = [one for one in sets if one.way == "answers"]
    found = [(one, asyncio.run(_results(one, Bench(assistant, talker.clock)))) for one in offline]
    subject = Subjects(settings, talker.gateway.engine, talker.clock).find("live")
    for before in _RUNS_BEFORE:
        _keep(talker, subject, found, until - before)
    return len(_RUNS_BEFORE) * len(found)


def _edit(talker: Talker, card: str, text: str, *, actor: str, now: datetime) -> int:
    settings, policy = talker.gateway.settings, talker.gateway.settings.default_policy
    with transaction(talker.gateway.engine) as session:
        draft = draft_of(session, settings, policy)
        there = find(draft.text(_CARDS), card)
        if there is None:
            raise ValueError(f"the policy has no card {card}")
        edit = Edit(_CARDS, card, {**there.row, "text": text}, there.seen)
        files = checked(draft, lambda draft: applied(draft, edit), policy, in_tokyo(now).date())
        return save(session, policy, draft, files, actor=actor, what=f"card:{card}", now=now).version


async def _results(one: RegressionSet, bench: Bench) -> list[CaseResult]:
    return [result async for result in run_cases(one, bench)]


def _keep(
    talker: Talker, subject: Subject, found: Sequence[tuple[RegressionSet, list[CaseResult]]], now: datetime
) -> None:
    controller = talker.gateway.controller
    order = store.Order(controller, f"staff:{COUNSELLOR}", _HOLDER, subject)
    with transaction(talker.gateway.engine) as session:
        store.queue(session, order, [one for one, _ in found], now=now)
        results = {one.name: (one, rows) for one, rows in found}
        while (run := store.take_next(session, controller, _HOLDER, now=now)) is not None:
            one, rows = results[run.set_name]
            for row in rows:
                now += timedelta(milliseconds=row.ms)
                store.add_result(session, run.id, row, now=now)
            store.finish(session, run.id, one, now=now)
