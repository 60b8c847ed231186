"""Puts one edit into the candidate: proven first, then written, and noted in both histories in the same transaction."""

from __future__ import annotations

import asyncio

from aiohttp import web
from sqlalchemy.orm import Session

from bot.clock import in_tokyo
from bot.console.frame.guard import actor_of
from bot.console.frame.parts import console_of
from bot.policy.releases.editing import Edit, EntryHasChangedError, applied, checked, draft_of, save
from bot.policy.releases.faults import SomebodyWasFasterError
from bot.staff.trail import About, StaffAction, note

_TRIES = 3


async def put(request: web.Request, edit: Edit, what: str) -> None:
    """Saves an edit. Somebody who saved another entry meanwhile is no reason to fail: it is made anew on theirs.

    Args:
        request: of the person who edits.
        edit: what to change.
        what: `cards:<id>`, for the histories.

    Raises:
        EntryHasChangedError: somebody else changed this very entry.
        SomebodyWasFasterError: others kept changing the candidate.
        CandidateIsWrongError: the changed candidate could not be served; nothing was saved.
    """
    for left in reversed(range(_TRIES)):
        try:
            return await _put(request, edit, what)
        except EntryHasChangedError:
            raise
        except SomebodyWasFasterError:
            if not left:
                raise
    return None


async def _put(request: web.Request, edit: Edit, what: str) -> None:
    console, actor = console_of(request), actor_of(request)
    policy_id, now = console.settings.default_policy, console.clock()
    draft = await console.read(lambda session: draft_of(session, console.settings, policy_id))
    day = in_tokyo(now).date()
    files = await asyncio.to_thread(checked, draft, lambda one: applied(one, edit), policy_id, day)

    def write(session: Session) -> None:
        saved = save(session, policy_id, draft, files, actor=actor.id, what=what, now=now)
        about = About("candidate", saved.candidate_id, fields=[what])
        note(session, actor, StaffAction.CANDIDATE_CHANGED, about, now=now)

    await console.write(write)
