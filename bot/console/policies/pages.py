"""方針: the versions there are, one to read, two compared, and what the one in force leaves open."""

from __future__ import annotations

import asyncio
from itertools import groupby

from aiohttp import web

from bot.channels.website.policy_layout import lay_out
from bot.clock import in_tokyo
from bot.console.frame.guard import actor_of
from bot.console.frame.parts import Console, console_of
from bot.console.frame.rendering import page, see
from bot.console.policies.corpora import CANDIDATE, corpus_asked_for, corpus_in_force, corpus_of_candidate, policies_of
from bot.console.policies.questioning import Subject, Survey, changes_between, surveyed
from bot.console.policies.shelf import Shelf, shelf_of
from bot.console.policies.staging import Staging
from bot.policy.consequences import consequences
from bot.policy.diff import compare
from bot.policy.documents import load_policy, policy_folder
from bot.policy.faults import PolicyIsUnknownError
from bot.policy.model import Policy
from bot.staff.roles import Right

CHANGES = {"added": "追加", "removed": "削除", "changed": "変更", "moved": "移動"}
STANDINGS = {"candidate": "公開候補", "in force": "公開中", "prepared": "公開待ち", "past": "過去の版"}
ANSWERS = {
    "answer": "方針の言葉で答える",
    "not_in_policy": "書かれていないと答える",
    "clarify": "聞き返す",
    "out_of_scope": "対象外と答える",
}
STATES = {"answered": "答えられる", "in part": "言い方による", "open": "書かれていない"}


async def show_shelf(request: web.Request) -> web.StreamResponse:
    """Every policy and version, and the imports that wait for review."""
    console = console_of(request)
    found = [await _shelf(console, policy_id) for policy_id in await asyncio.to_thread(policies_of, console)]
    staged = await asyncio.to_thread(Staging(console.settings.data_dir).all)
    may_edit = actor_of(request).has(Right.EDIT_POLICIES)
    return page(
        request,
        "policies/shelf.html",
        {"shelves": found, "staged": staged, "standings": STANDINGS, "may_edit": may_edit},
    )


async def show_version(request: web.Request) -> web.StreamResponse:
    """One version, laid out as members see it."""
    subject = await _subject(request)
    policy = await _load(subject)
    return page(request, "policies/version.html", {"policy": policy, "units": lay_out(policy, ())})


async def show_comparison(request: web.Request) -> web.StreamResponse:
    """Two versions side by side, what hangs on the difference, and the answers that change once asked for."""
    old, new = await _pair(request)
    before, after = await _load(old), await _load(new)
    folder = policy_folder(new.corpus, new.policy_id)
    task = console_of(request).background.find(_changes_name(old, new))
    return page(
        request,
        "policies/comparison.html",
        {
            "diff": await asyncio.to_thread(compare, before, after),
            "consequences": await asyncio.to_thread(consequences, folder, before, after),
            "kinds": CHANGES,
            "task": task,
            "answers": ANSWERS,
            "path": request.path,
            "mark": _candidate_mark(request),
        },
    )


async def ask_both(request: web.Request) -> web.StreamResponse:
    """Begins to ask both versions; the comparison shows how far it is."""
    console, (old, new) = console_of(request), await _pair(request)
    # Loaded first, so that an unknown version is told at once and not by the thread.
    await _load(old)
    await _load(new)
    now = console.clock()
    console.background.start(
        _changes_name(old, new), lambda report: changes_between(console.settings, old, new, now, report)
    )
    raise see(request.path.removesuffix("/answers") + _candidate_mark(request) + "#answers")


async def show_gaps(request: web.Request) -> web.StreamResponse:
    """The gap report: what members ask and the law wants said, and how this version stands to it."""
    subject = await _subject(request)
    policy = await _load(subject)
    task = console_of(request).background.find(_survey_name(subject))
    survey = task.result if task is not None and isinstance(task.result, Survey) else None
    grouped = groupby(survey.standings, key=lambda standing: standing.question.group) if survey else ()
    groups = [(name, list(members)) for name, members in grouped]
    context = {"policy": policy, "task": task, "survey": survey, "groups": groups, "states": STATES}
    return page(request, "policies/gaps.html", context | {"path": request.path, "mark": _candidate_mark(request)})


async def ask_standard_questions(request: web.Request) -> web.StreamResponse:
    """Begins to ask; the report shows how far it is."""
    console, subject = console_of(request), await _subject(request)
    await _load(subject)
    now = console.clock()
    console.background.start(_survey_name(subject), lambda report: surveyed(console.settings, subject, now, report))
    raise see(request.path + _candidate_mark(request))


async def _shelf(console: Console, policy_id: str) -> Shelf:
    corpus, candidate = await corpus_in_force(console, policy_id), await corpus_of_candidate(console, policy_id)
    return await asyncio.to_thread(shelf_of, corpus, policy_id, in_tokyo(console.clock()).date(), candidate)


async def _subject(request: web.Request, name: str = "version") -> Subject:
    info = request.match_info
    policy_id = f"{info['controller']}/{info['policy']}"
    return Subject(await corpus_asked_for(request, policy_id), policy_id, info[name])


async def _pair(request: web.Request) -> tuple[Subject, Subject]:
    return await _subject(request, "old"), await _subject(request, "new")


async def _load(subject: Subject) -> Policy:
    try:
        return await asyncio.to_thread(load_policy, subject.corpus, subject.policy_id, subject.version)
    except PolicyIsUnknownError:
        raise web.HTTPNotFound from None


def _changes_name(old: Subject, new: Subject) -> str:
    return f"changes {new.corpus} {new.policy_id} {old.version} {new.version}"


def _survey_name(subject: Subject) -> str:
    return f"survey {subject.corpus} {subject.policy_id} {subject.version}"


def _candidate_mark(request: web.Request) -> str:
    return f"?of={CANDIDATE}" if request.query.get("of") == CANDIDATE else ""
