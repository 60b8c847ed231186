"""Papers of one request: its whole file, the letter of its decision, the label of an envelope; each is recorded."""

from __future__ import annotations

import asyncio
from datetime import datetime

from aiohttp import web
from sqlalchemy.orm import Session

from bot.channels.papers.decision_letter import Told, letter_pdf
from bot.channels.papers.papers import Frame, label_pdf
from bot.console.frame.guard import actor_of
from bot.console.frame.parts import Console, console_of
from bot.console.frame.rendering import page
from bot.console.requests.access import MayNotError, refuse, require_access
from bot.console.requests.case import Case, read_case
from bot.console.requests.detail_page import context_of, draw
from bot.console.requests.files import attached
from bot.console.requests.rules import desk_of
from bot.pii import revealed
from bot.register.errors import RequestIsUnknownError
from bot.register.filing import Filed
from bot.staff.trail import About, StaffAction, note


async def print_file(request: web.Request) -> web.StreamResponse:
    """Everything that this person may read of a request, with who asks, on one page to print."""
    try:
        case = await _printed(request, "file")
    except (MayNotError, RequestIsUnknownError) as error:
        return await refuse(request, error)
    return page(request, "requests/print.html", context_of(request, case, None))


async def print_letter(request: web.Request) -> web.StreamResponse:
    """The letter of a decision that is in effect, for who is answered by post."""
    try:
        case = await _printed(request, "letter")
    except (MayNotError, RequestIsUnknownError) as error:
        return await refuse(request, error)
    decision = case.decision
    if decision is None or decision.effective_at is None:
        return await draw(request)
    told = Told(case.kind, decision.outcome, decision.ground, decision.explanation or "", decision.detail or "")
    receipt = Filed(case.request.number, case.kind, case.request.received_at, case.request.id)
    name = revealed(case.contact.name if case.contact else None) or ""
    decided_at = decision.effective_at
    frame = paper_frame(console_of(request))
    content = await asyncio.to_thread(lambda: letter_pdf(receipt, told, frame, name=name, decided_at=decided_at))
    return attached(f"回答書 {case.request.number}.pdf", content)


async def print_label(request: web.Request) -> web.StreamResponse:
    """The label of an envelope to the member."""
    try:
        case = await _printed(request, "label")
    except (MayNotError, RequestIsUnknownError) as error:
        return await refuse(request, error)
    contact = case.contact
    if contact is None or contact.address is None:
        return await draw(request)
    name, address, made_at = revealed(contact.name) or "", contact.address.reveal(), console_of(request).clock()
    content = await asyncio.to_thread(lambda: label_pdf(name, address, made_at=made_at))
    return attached(f"宛名 {case.request.number}.pdf", content)


async def _printed(request: web.Request, paper: str) -> Case:
    console, actor, id_ = console_of(request), actor_of(request), request.match_info["id"]
    now: datetime = console.clock()

    def read(session: Session) -> Case:
        row = require_access(session, actor, id_)
        case = read_case(session, row, console=console, actor=actor, now=now, with_contact=True)
        note(session, actor, StaffAction.REQUEST_PRINTED, About("request", id_, fields=[paper]), now=now)
        return case

    return await console.write(read)


def paper_frame(console: Console) -> Frame:
    """What every paper of this console's company shares."""
    return Frame(
        desk=desk_of(console),
        page_url=f"{console.settings.public_url.rstrip('/')}/request",
        made_at=console.clock(),
        caution=console.settings.caution,
    )
