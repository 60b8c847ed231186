"""After an entry: the numbers it has, what comes next, and the receipt on paper for whoever gets no mail."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from aiohttp import web
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from bot.channels.papers.papers import receipt_pdf
from bot.console.frame.guard import actor_of
from bot.console.frame.parts import console_of
from bot.console.frame.rendering import page
from bot.console.inbox.places import place_of
from bot.console.requests.access import no_such_request
from bot.console.requests.files import attached
from bot.console.requests.printing import paper_frame
from bot.register.errors import RequestIsUnknownError
from bot.register.filing import Filed, receipts
from bot.register.models import Contact, Request
from bot.register.pages import issue_resume_code
from bot.register.sensitivity import is_sensitive
from bot.staff.actor import Actor
from bot.staff.trail import About, StaffAction, note


@dataclass(frozen=True)
class FiledTogether:
    """What one entry filed; `can_open` says whether this person may go on with it."""

    receipts: list[Filed]
    has_contact: bool
    can_open: bool


async def show(request: web.Request) -> web.StreamResponse:
    """The numbers, once they are committed; nothing of what was entered."""
    console, actor, draft_id = console_of(request), actor_of(request), request.match_info["draft"]
    try:
        found = await console.read(lambda session: _filed(session, actor, draft_id))
    except RequestIsUnknownError:
        return no_such_request(request)
    return page(request, "entry/filed.html", {"found": found, "draft_id": draft_id, "place_of": place_of})


async def print_receipt(request: web.Request) -> web.StreamResponse:
    """The receipt (控え) as PDF, with a new code that opens the request's page without any mail."""
    console, actor, draft_id = console_of(request), actor_of(request), request.match_info["draft"]
    now = console.clock()

    def issue(session: Session) -> tuple[list[Filed], str]:
        filed = _filed(session, actor, draft_id).receipts
        for receipt in filed:
            about = About("request", receipt.request_id, fields=["receipt"])
            note(session, actor, StaffAction.REQUEST_PRINTED, about, now=now)
        return filed, issue_resume_code(session, draft_id, now=now)

    try:
        filed, code = await console.write(issue)
    except RequestIsUnknownError:
        return no_such_request(request)
    content = await asyncio.to_thread(lambda: receipt_pdf(filed, paper_frame(console), resume_code=code))
    return attached(f"受付の控え {filed[0].number}.pdf", content)


def _filed(session: Session, actor: Actor, draft_id: str) -> FiledTogether:
    rows = list(session.scalars(select(Request).where(Request.draft_id == draft_id)))
    # Whoever took a call about health entered it and gives out its number, whether or not they may open it again.
    can_open = all(actor.sees_sensitive or not is_sensitive(row.scope) for row in rows)
    may_know = all(row.controller == actor.controller and row.entered_by is not None for row in rows)
    if not rows or not may_know or not (can_open or all(row.entered_by == actor.id for row in rows)):
        raise RequestIsUnknownError(f"nothing was entered as {draft_id}")
    has_contact = bool(session.scalar(select(exists().where(Contact.draft_id == draft_id))))
    return FiledTogether(receipts(session, draft_id), has_contact, can_open)
