"""What every way in shares: forms of people who have no session yet, and the cookies of those who get one."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any

from aiohttp import web
from sqlalchemy.orm import Session

from bot.channels.raw_body import read_form
from bot.console.frame.guard import CSRF_FIELD, cookie_name
from bot.console.frame.parts import console_of, is_https
from bot.console.frame.rendering import page
from bot.errors import BadInputError
from bot.staff.actor import Actor
from bot.staff.sessions import end_session, find_actor
from bot.staff.trail import About, StaffAction, note

_FORM = "form"


class FormIsStaleError(BadInputError):
    """A form was not drawn for this browser, or long ago."""

    def __init__(self) -> None:
        super().__init__("画面が古くなっています。前の画面を開き直してから、もう一度お試しください。")


def agent_of(request: web.Request) -> str:
    """What the browser calls itself, for the list of sessions."""
    return request.headers.get("User-Agent", "")


def cookie_of(request: web.Request, name: str) -> str:
    """The full name of a cookie of the way in; over https it is bound to this host alone."""
    return f"__Host-console-{name}" if is_https(request) else f"console-{name}"


def keep(request: web.Request, response: web.StreamResponse, name: str, value: str, *, strict: bool = True) -> None:
    """Gives the browser a cookie of this name that no script reads; `strict` ones come with no link of another site."""
    same_site = "Strict" if strict else "Lax"
    response.set_cookie(name, value, path="/", httponly=True, secure=is_https(request), samesite=same_site)


def open_page(
    request: web.Request, template: str, context: Mapping[str, Any], status: HTTPStatus = HTTPStatus.OK
) -> web.Response:
    """A page with a form for whoever has no session: its token is tied to a cookie of the browser instead."""
    seed = request.cookies.get(cookie_of(request, _FORM), "") or secrets.token_urlsafe(32)
    response = page(request, template, {**context, "csrf": _token(seed)}, status)
    keep(request, response, cookie_of(request, _FORM), seed)
    return response


async def require_own_form(request: web.Request) -> None:
    """Refuses a post that does not carry the token of a page that this browser was shown.

    Raises:
        FormIsStaleError: it does not.
    """
    seed = request.cookies.get(cookie_of(request, _FORM), "")
    given = (await read_form(request)).get(CSRF_FIELD, "")
    if not seed or not isinstance(given, str) or not hmac.compare_digest(given.encode(), _token(seed).encode()):
        raise FormIsStaleError


async def let_in(request: web.Request, response: web.StreamResponse, token: str) -> None:
    """Gives the browser its new session; the one it had before, if any, ends (OWASP ASVS 5.0, 7.2.4)."""
    console = console_of(request)
    old, now = request.cookies.get(cookie_name(request), ""), console.clock()

    def close(session: Session) -> None:
        found = find_actor(session, old, now=now)
        if found is not None:
            close_session(session, found[0], now=now)

    if old:
        await console.write(close)
    keep(request, response, cookie_name(request), token)


def close_session(session: Session, actor: Actor, *, now: datetime) -> None:
    """Ends the session that somebody acts in."""
    end_session(session, actor.session_id, now=now)
    note(session, actor, StaffAction.SESSION_CLOSED, About("session", actor.session_id), now=now)


def _token(seed: str) -> str:
    return hashlib.sha256(b"csrf of entry:" + seed.encode()).hexdigest()
