"""Where a policy lies: as it answers, or as the candidate would."""

from __future__ import annotations

from pathlib import Path

from aiohttp import web
from sqlalchemy.orm import Session

from bot.console.frame.parts import Console, console_of
from bot.policy.documents import list_policies
from bot.policy.faults import PolicyIsUnknownError
from bot.policy.releases.in_force import place, pointer_of
from bot.policy.releases.trying import candidate_to_try

CANDIDATE = "candidate"
"""What `?of=` says in the address of a page about the candidate."""


def policies_of(console: Console) -> list[str]:
    """Every policy and companion document of this console's company."""
    return [policy_id for policy_id in list_policies(console.settings.corpus_dir) if _is_own(console, policy_id)]


async def corpus_in_force(console: Console, policy_id: str) -> Path:
    """The corpus that answers for this policy.

    Raises:
        web.HTTPNotFound: this company has no such policy.
    """
    if not _is_own(console, policy_id):
        raise web.HTTPNotFound

    def look(session: Session) -> Path:
        return place(session, console.settings, policy_id, pointer_of(session, policy_id)).corpus

    try:
        return await console.read(look)
    except PolicyIsUnknownError:
        raise web.HTTPNotFound from None


async def corpus_of_candidate(console: Console, policy_id: str) -> Path | None:
    """The corpus of the candidate; None while nobody has begun one, and for what is another company's."""
    if not _is_own(console, policy_id):
        return None
    now = console.clock()
    found = await console.read(lambda session: candidate_to_try(session, console.settings, policy_id, now))
    return None if found is None else found.corpus


async def corpus_asked_for(request: web.Request, policy_id: str) -> Path:
    """The one that the address names.

    Raises:
        web.HTTPNotFound: there is no such policy, or no candidate.
    """
    console = console_of(request)
    if request.query.get("of") != CANDIDATE:
        return await corpus_in_force(console, policy_id)
    found = await corpus_of_candidate(console, policy_id)
    if found is None:
        raise web.HTTPNotFound
    return found


def _is_own(console: Console, policy_id: str) -> bool:
    return policy_id.partition("/")[0] == console.controller
