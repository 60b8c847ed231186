"""What stands before every page of the console: headers, same-origin posts, a session."""

from __future__ import annotations

from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from bot.console.sessions import Sessions

COOKIE = "console"
LOGIN_PATH = "/login"

_OPEN_TO_ALL = (LOGIN_PATH, "/healthz", "/static/")
_SAFE_METHODS = frozenset({"GET", "HEAD"})
_HEADERS = {
    # Pages of the console run no script at all.
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


async def add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    """Signal handler: every response carries them, errors and redirects too."""
    response.headers.update(_HEADERS)


def require_session(sessions: Sessions) -> Middleware:
    """A middleware that lets through who is logged in, and sends everybody else to the log-in."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.startswith(_OPEN_TO_ALL) or sessions.renew(request.cookies.get(COOKIE, "")):
            return await handler(request)
        raise web.HTTPSeeOther(LOGIN_PATH)

    return middleware


@web.middleware
async def require_same_origin(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuses posts that another site's page sent: browsers say so in one of two headers."""
    if request.method not in _SAFE_METHODS and not _comes_from_here(request):
        raise web.HTTPForbidden(text="この操作は、このサイトの画面から行ってください。")
    return await handler(request)


def _comes_from_here(request: web.Request) -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.host
