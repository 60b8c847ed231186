"""Log-in with the console's one token. Accounts, roles and second factors take its place when staff share it."""

from __future__ import annotations

import hmac
from http import HTTPStatus

import aiohttp_jinja2
from aiohttp import web

from bot.console.parts import CONSOLE
from bot.console.security import COOKIE, LOGIN_PATH

_START = "/"


async def show(request: web.Request) -> web.Response:
    """The form."""
    return _form(request, HTTPStatus.OK)


async def submit(request: web.Request) -> web.StreamResponse:
    """Opens a session for whoever gives the token; the comparison takes the same time for every wrong one."""
    console = request.app[CONSOLE]
    if console.failed_logins.are_too_many():
        return _form(request, HTTPStatus.TOO_MANY_REQUESTS, "失敗が続いたため、1分ほどおいてからお試しください。")
    given = str((await request.post()).get("token", ""))
    expected = console.settings.console_token.get_secret_value()
    if not hmac.compare_digest(given.encode(), expected.encode()):
        console.failed_logins.note()
        return _form(request, HTTPStatus.UNAUTHORIZED, "トークンが正しくありません。")
    response = web.HTTPSeeOther(_START)
    response.set_cookie(
        COOKIE, console.sessions.open(), httponly=True, samesite="Strict", secure=request.secure, path="/"
    )
    raise response


async def leave(request: web.Request) -> web.StreamResponse:
    """Ends the session on the server, not only in the browser."""
    request.app[CONSOLE].sessions.close(request.cookies.get(COOKIE, ""))
    response = web.HTTPSeeOther(LOGIN_PATH)
    response.del_cookie(COOKIE, path="/")
    raise response


def _form(request: web.Request, status: HTTPStatus, fault: str = "") -> web.Response:
    return aiohttp_jinja2.render_template("login.html", request, {"fault": fault}, status=status)


ROUTES = [web.get(LOGIN_PATH, show), web.post(LOGIN_PATH, submit), web.post("/logout", leave)]
