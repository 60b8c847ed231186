"""Who may open a request: whoever looks at, or does anything with, one about health or bank accounts needs the flag.

The guard has checked the role's right before; here is checked what depends on the request itself. It is asked in the
very transaction that reads or changes the request, and by every route that names one.
"""

from __future__ import annotations

from http import HTTPStatus

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.console.frame.guard import actor_of
from bot.console.frame.parts import console_of
from bot.console.frame.rendering import notice_page
from bot.errors import BadInputError
from bot.register.errors import RequestIsUnknownError
from bot.register.models import Request
from bot.register.sensitivity import is_sensitive
from bot.staff.actor import Actor
from bot.staff.trail import About, StaffAction, note


class MayNotError(BadInputError):
    """This person may not do this with this request.

    Attributes:
        request_id: which request.
        lacking: what they lack, in a word for the trail.
    """

    def __init__(self, request_id: str, lacking: str, told: str) -> None:
        super().__init__(told)
        self.request_id = request_id
        self.lacking = lacking


def require_access(session: Session, actor: Actor, request_id: str) -> Request:
    """The request of this id, for somebody who may know of it.

    Raises:
        RequestIsUnknownError: their company has none of this id.
        MayNotError: it is about health or bank accounts, which this account may not read about.
    """
    row = session.get(Request, request_id)
    if row is None or row.controller != actor.controller:
        raise RequestIsUnknownError(f"no request has the id {request_id}")
    if not actor.sees_sensitive and touches_sensitive(session, row):
        raise MayNotError(
            row.id, "sensitive", "この請求は健康情報または口座情報に関するため、許可された担当者だけが開けます。"
        )
    return row


def touches_sensitive(session: Session, request: Request) -> bool:
    """Whether what was filed together with a request is about health or bank accounts.

    Words, contact and original are one and the same for all of it, whichever of the requests they are opened by.
    """
    together = select(Request.scope).where(Request.draft_id == request.draft_id)
    return any(is_sensitive(scope) for scope in session.scalars(together))


def may_know_of(session: Session, actor: Actor, request_id: str) -> bool:
    """Whether a page that this person reads may name the request."""
    return actor.sees_sensitive or not touches_sensitive(session, session.get_one(Request, request_id))


async def refuse(request: web.Request, error: MayNotError | RequestIsUnknownError) -> web.Response:
    """The page that says so; that somebody may not is said once it stands in the console's trail."""
    if isinstance(error, RequestIsUnknownError):
        return no_such_request(request)
    console, actor = console_of(request), actor_of(request)
    about = About("request", error.request_id, fields=[request.method, error.lacking])
    await console.write(lambda session: note(session, actor, StaffAction.PAGE_REFUSED, about, now=console.clock()))
    return notice_page(request, str(error), HTTPStatus.FORBIDDEN)


def no_such_request(request: web.Request) -> web.Response:
    """The page for an id that stands for nothing here."""
    return notice_page(request, "この請求はありません。", HTTPStatus.NOT_FOUND)
