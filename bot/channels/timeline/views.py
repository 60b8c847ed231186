"""Whether a request to the page comes from an open visit, and what is said when it does not."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus

from aiohttp import web
from sqlalchemy.orm import Session

from bot.channels.timeline.desk import Office
from bot.channels.timeline.visit import token_of
from bot.channels.website.page_rendering import page
from bot.register.identity.visits import VisitView, visit


def visited(session: Session, request: web.Request, office: Office, now: datetime) -> VisitView | None:
    """The open visit whose cookie came along."""
    token = token_of(request, office.settings)
    return visit(session, token, now=now) if token else None


def attached(visit: VisitView, request_id: str) -> str:
    """The id of one of the visit's own requests.

    Raises:
        web.HTTPNotFound: it is not one of them.
    """
    if request_id not in visit.request_ids:
        raise web.HTTPNotFound
    return request_id


def over(request: web.Request, *, typed: str = "") -> web.Response:
    """Says that the visit is over, and gives back what was typed, so that it is not lost."""
    context = {"state": "over", "typed": typed, "errors": {}}
    return page(request, "timeline_door.html", context, status=HTTPStatus.FORBIDDEN)
