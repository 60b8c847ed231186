"""公開候補: what answers now, what would answer, and who changed what."""

from __future__ import annotations

import asyncio

from aiohttp import web
from sqlalchemy.orm import Session

from bot.console.frame.forms import FormIsWrongError, field
from bot.console.frame.guard import actor_of
from bot.console.frame.parts import console_of
from bot.console.frame.rendering import page, see
from bot.console.improving.bench import bench_of
from bot.console.improving.changes import changes_of
from bot.console.improving.proof import standing_of
from bot.console.improving.sorts import SORTS
from bot.console.improving.wording import action_title, what_title
from bot.policy.releases import editing
from bot.policy.releases.history import edits_of, recent
from bot.policy.releases.in_force import find_release
from bot.staff.trail import About, StaffAction, note

_SHOWN_EVENTS = 50


async def show(request: web.Request) -> web.StreamResponse:
    """The candidate beside what is in force."""
    console, bench = console_of(request), await bench_of(request)
    standing = await standing_of(console, bench.draft)

    def look(session: Session) -> dict[str, object]:
        release = find_release(session, console.settings.default_policy, bench.in_force)
        return {
            "edits": list(edits_of(session, bench.draft.candidate_id)) if bench.draft.candidate_id else [],
            "release": release,
        }

    found = await console.read(look)
    changes = await asyncio.to_thread(changes_of, bench)
    context = {"bench": bench, "sorts": SORTS, "changes": changes, "standing": standing, "what_title": what_title}
    return page(request, "improving/candidate.html", found | context)


async def show_history(request: web.Request) -> web.StreamResponse:
    """What came into force and what was taken back, the latest first."""
    console, bench = console_of(request), await bench_of(request)
    before = request.query.get("after", "")
    if before and not before.isdecimal():
        raise web.HTTPNotFound
    policy_id = console.settings.default_policy

    def look(session: Session) -> dict[str, object]:
        events = recent(session, policy_id, before=int(before) if before else None, limit=_SHOWN_EVENTS + 1)
        releases = {event.number: find_release(session, policy_id, event.number) for event in events if event.number}
        return {"events": events[:_SHOWN_EVENTS], "has_more": len(events) > _SHOWN_EVENTS, "releases": releases}

    found = await console.read(look)
    return page(request, "improving/history.html", found | {"bench": bench, "action_title": action_title})


async def discard(request: web.Request) -> web.StreamResponse:
    """Throws the candidate away, as it was seen."""
    console, actor = console_of(request), actor_of(request)
    version = await version_of(request)

    def step(session: Session) -> None:
        policy_id, now = console.settings.default_policy, console.clock()
        found = editing.find_candidate(session, policy_id, with_files=False)
        editing.discard(session, policy_id, version, actor=actor.id, now=now)
        about = About("candidate", found.id if found else None)
        note(session, actor, StaffAction.CANDIDATE_DISCARDED, about, now=now)

    await console.write(step)
    raise see("/improving")


async def rebase(request: web.Request) -> web.StreamResponse:
    """Takes what is in force now as what the candidate is made from."""
    console, actor = console_of(request), actor_of(request)
    version = await version_of(request)

    def step(session: Session) -> None:
        policy_id, now = console.settings.default_policy, console.clock()
        editing.rebase(session, policy_id, version, actor=actor.id, now=now)
        note(session, actor, StaffAction.CANDIDATE_CHANGED, About("candidate", fields=["based_on"]), now=now)

    await console.write(step)
    raise see("/improving")


async def version_of(request: web.Request) -> int:
    """The version of the candidate that the person saw.

    Raises:
        FormIsWrongError: the form does not say.
    """
    given = await field(request, "version", most=9)
    if not given.isdecimal():
        raise FormIsWrongError("画面を開き直してから、もう一度お試しください。")
    return int(given)
