"""公開 and 元に戻す: the second person's pages."""

from __future__ import annotations

import asyncio
from http import HTTPStatus

from aiohttp import web
from sqlalchemy.orm import Session

from bot.console.frame.forms import FormIsWrongError, field
from bot.console.frame.guard import actor_of
from bot.console.frame.parts import console_of
from bot.console.frame.rendering import page, see
from bot.console.improving.bench import bench_of
from bot.console.improving.changes import changes_of
from bot.console.improving.overview_page import version_of
from bot.console.improving.proof import green_run, standing_of
from bot.console.testing import shelf
from bot.errors import BadInputError
from bot.policy.releases.history import editors_of
from bot.policy.releases.publishing import SHORTEST_REASON, Publication, publish, restore
from bot.staff.trail import About, StaffAction, note

_MOST = 400


async def show_publish(request: web.Request) -> web.StreamResponse:
    """Everything that would change, how it stands before the tests, and whether this person may publish it."""
    return await _draw(request)


async def publish_candidate(request: web.Request) -> web.StreamResponse:
    """Publishes; why it cannot be published is said on the same page, with what was typed."""
    console, actor = console_of(request), actor_of(request)
    settings = console.settings
    given = {name: await field(request, name, most=_MOST) for name in ("note", "reason", "run")}
    version = await version_of(request)
    decided = Publication(version, actor.id, actor.name, given["note"], given["run"], given["reason"])
    sets = shelf.readable(await asyncio.to_thread(shelf.read_all, console))

    def step(session: Session) -> None:
        now = console.clock()
        proof = green_run(console, sets)
        release = publish(session, settings, settings.default_policy, decided, proof, now=now)
        about = About("release", str(release.number), reason=release.override_reason)
        note(session, actor, StaffAction.RELEASE_PUBLISHED, about, now=now)

    try:
        await console.write(step)
    except BadInputError as error:
        return await _draw(request, fault=str(error), given=given)
    raise see("/improving/history#done")


async def restore_release(request: web.Request) -> web.StreamResponse:
    """Puts an earlier release into force again."""
    console, actor = console_of(request), actor_of(request)
    numbers = {name: await field(request, name, most=9) for name in ("number", "seen")}
    if not all(value.isdecimal() for value in numbers.values()):
        raise FormIsWrongError("画面を開き直してから、もう一度お試しください。")
    reason = await field(request, "reason", most=_MOST)

    def step(session: Session) -> None:
        now, number = console.clock(), int(numbers["number"])
        policy_id, seen = console.settings.default_policy, int(numbers["seen"])
        restore(session, policy_id, number, seen=seen, actor=actor.id, reason=reason, now=now)
        about = About("release", str(number), reason=reason or None)
        note(session, actor, StaffAction.RELEASE_RESTORED, about, now=now)

    await console.write(step)
    raise see("/improving/history#done")


async def _draw(request: web.Request, *, fault: str = "", given: dict[str, str] | None = None) -> web.Response:
    console, actor, bench = console_of(request), actor_of(request), await bench_of(request)
    standing = await standing_of(console, bench.draft)
    candidate_id = bench.draft.candidate_id
    editors = await console.read(lambda session: editors_of(session, candidate_id)) if candidate_id else ()
    context = {
        "bench": bench,
        "changes": await asyncio.to_thread(changes_of, bench),
        "standing": standing,
        "editors": editors,
        "is_second": actor.id not in editors,
        "given": given or {"note": "", "reason": "", "run": ""},
        "fault_text": fault,
        "shortest": SHORTEST_REASON,
    }
    return page(request, "improving/publish.html", context, HTTPStatus.BAD_REQUEST if fault else HTTPStatus.OK)
