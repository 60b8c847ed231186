"""What stands before every page: whose session it is, whether their role may, and whether the post is their own."""

from __future__ import annotations

import hashlib
import hmac
from http import HTTPStatus
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.channels.raw_body import read_form
from bot.console.frame.parts import Console, console_of, is_https
from bot.console.frame.rendering import notice_page
from bot.console.frame.routes import RIGHTS
from bot.staff import sessions
from bot.staff.actor import Actor
from bot.staff.roles import Right
from bot.staff.trail import About, StaffAction, note

LOGIN_PATH = "/login"
CSRF_FIELD = "csrf"

ACTOR = web.RequestKey("actor", Actor)
_SAFE_METHODS = frozenset({"GET", "HEAD"})
_STATIC = "/static/"


def cookie_name(request: web.Request) -> str:
    """The session's cookie: bound to this host alone wherever the console is reached over https."""
    return "__Host-console" if is_https(request) else "console"


def actor_of(request: web.Request) -> Actor:
    """Who asks; the guard has let them through."""
    return request[ACTOR]


def csrf_token(request: web.Request) -> str:
    """What every form of this session carries: derived from the session's own token, so that nothing is stored."""
    return hashlib.sha256(b"csrf:" + request.cookies.get(cookie_name(request), "").encode()).hexdigest()


@web.middleware
async def require_right(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Lets through who is logged in and may; sends strangers to the log-in and tells everybody else why not."""
    right = _right_for(request)
    if right is _OPEN:
        return await handler(request)
    actor = await _actor(request)
    if actor is None:
        # A redirect would turn a post into a page that looks as if it had worked.
        if request.method not in _SAFE_METHODS:
            return notice_page(
                request, "ログインし直してください。入力した内容は送られていません。", HTTPStatus.UNAUTHORIZED
            )
        raise web.HTTPSeeOther(LOGIN_PATH)
    request[ACTOR] = actor
    if isinstance(right, Right) and not actor.has(right):
        await _note_refusal(request, actor, right)
        return notice_page(request, "この画面・操作は、あなたの役割では使えません。", HTTPStatus.FORBIDDEN)
    return await handler(request)


@web.middleware
async def require_storable_address(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuses addresses with a NUL in them: they name nothing that is kept, and PostgreSQL will not even look."""
    if "\0" in request.path or any("\0" in value for value in request.query.values()):
        return notice_page(request, "この場所はありません。", HTTPStatus.NOT_FOUND)
    return await handler(request)


@web.middleware
async def require_own_post(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuses posts of other sites' pages, and of forms that this session did not get.

    Browsers say in Sec-Fetch-Site or Origin who sends (OWASP cross-site request forgery prevention); the token in the
    form is the second line.
    """
    if request.method in _SAFE_METHODS:
        return await handler(request)
    if not _comes_from_here(request):
        return notice_page(request, "この操作は、このサイトの画面から行ってください。", HTTPStatus.FORBIDDEN)
    if ACTOR in request and not await _carries_token(request):
        return notice_page(
            request, "画面が古くなっています。前の画面を開き直してから、もう一度お試しください。", HTTPStatus.FORBIDDEN
        )
    return await handler(request)


_OPEN = object()


def _right_for(request: web.Request) -> Right | object | None:
    """The right of the route; `_OPEN` where nobody need be logged in, None where no route is (404 follows)."""
    if request.path.startswith(_STATIC):
        return _OPEN
    resource = request.match_info.route.resource
    if resource is None:
        return None
    # A route that is not in the table would be a mistake; the KeyError shuts it.
    right = request.app[RIGHTS][request.method, resource.canonical]
    return _OPEN if right is None else right


async def _actor(request: web.Request) -> Actor | None:
    console = console_of(request)
    token = request.cookies.get(cookie_name(request), "")
    if not token:
        return None
    now = console.clock()
    found = await console.read(lambda session: sessions.find_actor(session, token, now=now))
    if found is None or found[0].controller != console.controller:
        return None
    actor, is_to_be_noted = found
    if is_to_be_noted:
        await console.write(lambda session: sessions.note_use(session, actor.session_id, now=now))
    return actor


async def _note_refusal(request: web.Request, actor: Actor, right: Right) -> None:
    console: Console = console_of(request)
    resource = request.match_info.route.resource
    about = About("page", resource.canonical[:64] if resource else None, fields=[request.method, str(right)])
    await console.write(lambda session: note(session, actor, StaffAction.PAGE_REFUSED, about, now=console.clock()))


def _comes_from_here(request: web.Request) -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.host


async def _carries_token(request: web.Request) -> bool:
    given = (await read_form(request)).get(CSRF_FIELD, "")
    return isinstance(given, str) and hmac.compare_digest(given.encode(), csrf_token(request).encode())
