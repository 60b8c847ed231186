"""会話: the list, and the way to a conversation by the receipt number of what was filed in it."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus

from aiohttp import web
from sqlalchemy.orm import Session

from bot.console.frame.forms import FormIsWrongError, field
from bot.console.frame.guard import actor_of
from bot.console.frame.paging import PAGE_ROWS, cut, read
from bot.console.frame.parts import console_of
from bot.console.frame.rendering import page, see
from bot.console.requests.access import MayNotError, refuse, require_access
from bot.console.talks import listing
from bot.console.talks.listing import Place, list_talks, place_of, read_filter
from bot.register import requests
from bot.register.errors import RequestIsUnknownError
from bot.staff.actor import Actor
from bot.storage.models import Conversation

NOT_FOUND = "この番号の会話は見つかりません。会話のない受付か、会話の保存期間が過ぎています。"


async def show(request: web.Request) -> web.StreamResponse:
    """The list as the address asks for it."""
    return await _draw(request)


async def find(request: web.Request) -> web.StreamResponse:
    """To the conversation that a request belongs to; the number is posted, so that it stands in no address."""
    console, actor = console_of(request), actor_of(request)
    number = ""
    try:
        number = await field(request, "number", most=40, needed="受付番号")
        talk_id = await console.read(lambda session: _talk_of(session, actor, number))
    except MayNotError as error:
        return await refuse(request, error)
    except (FormIsWrongError, RequestIsUnknownError) as error:
        fault = str(error) if isinstance(error, FormIsWrongError) else NOT_FOUND
        return await _draw(request, number=number, fault=fault)
    raise see(f"/talks/{talk_id}")


async def _draw(request: web.Request, *, number: str = "", fault: str = "") -> web.Response:
    console = console_of(request)
    chosen, after = read_filter(request.query), _place(request.query.get("after", ""))
    now = console.clock()
    rows = await console.read(
        lambda session: list_talks(session, console.controller, chosen, after=after, most=PAGE_ROWS + 1, now=now)
    )
    context = {"found": cut(rows, place_of), "chosen": chosen, "words": listing, "number": number, "fault": fault}
    return page(request, "talks/list.html", context, HTTPStatus.UNPROCESSABLE_ENTITY if fault else HTTPStatus.OK)


def _talk_of(session: Session, actor: Actor, number: str) -> str:
    """The id of the conversation, for somebody who may know of the request.

    Raises:
        RequestIsUnknownError: there is no such request, or no conversation of it is kept.
        MayNotError: they may not read about such requests.
    """
    found = requests.by_number(session, number)
    if found is None:
        raise RequestIsUnknownError("no request has this number")
    row = require_access(session, actor, found.id)
    conversation = session.get(Conversation, row.conversation_id) if row.conversation_id else None
    if conversation is None or conversation.deleted_at is not None:
        raise RequestIsUnknownError("no conversation of this request is kept")
    return conversation.id


def _place(spelt: str) -> Place | None:
    place = read(spelt, 2)
    if place is None:
        return None
    try:
        moment = datetime.fromisoformat(str(place[0]))
    except ValueError:
        return None
    return Place(moment, str(place[1])) if moment.tzinfo else None
