"""Log-in with the desk's own accounts, and log-out."""

from __future__ import annotations

import asyncio
from http import HTTPStatus

from aiohttp import web
from sqlalchemy.orm import Session

from bot.console.access.entry import agent_of, close_session, let_in, open_page, require_own_form
from bot.console.access.provider import Provider
from bot.console.frame.forms import field
from bot.console.frame.guard import LOGIN_PATH, actor_of, cookie_name
from bot.console.frame.parts import console_of, is_https
from bot.console.frame.rendering import see
from bot.staff.logging_in import Door, LoginIsRefusedError, TooManyLoginsError, Typed, log_in

# As long as any of them may be; what is longer is no account's anyway.
_MOST = 200


async def show(request: web.Request) -> web.StreamResponse:
    """The form."""
    return _page(request)


async def submit(request: web.Request) -> web.StreamResponse:
    """Opens a session, or shows the form again with the one text that every refusal has."""
    await require_own_form(request)
    console = console_of(request)
    typed = Typed(
        account_id=await field(request, "id", most=_MOST),
        password=await field(request, "password", most=_MOST),
        code=await field(request, "code", most=_MOST),
    )
    door = Door(console.engine, console.vault, console.settings)
    try:
        token = await asyncio.to_thread(log_in, door, typed, agent=agent_of(request), now=console.clock())
    except LoginIsRefusedError as error:
        return _page(request, HTTPStatus.UNAUTHORIZED, str(error), typed.account_id)
    except TooManyLoginsError as error:
        response = _page(request, HTTPStatus.TOO_MANY_REQUESTS, str(error), typed.account_id)
        response.headers["Retry-After"] = str(max(1, round((error.until - console.clock()).total_seconds())))
        return response
    # Always to the same page: an address to go on to would be one that a stranger may have written.
    response = see("/")
    await let_in(request, response, token)
    raise response


async def leave(request: web.Request) -> web.StreamResponse:
    """Ends the session on the server, not only in the browser."""
    console, actor = console_of(request), actor_of(request)

    def close(session: Session) -> None:
        close_session(session, actor, now=console.clock())

    await console.write(close)
    response = see(LOGIN_PATH)
    response.del_cookie(cookie_name(request), path="/", secure=is_https(request))
    # Tabs that were left open shall show nothing either (OWASP ASVS 5.0, 14.3.1).
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    raise response


def _page(
    request: web.Request, status: HTTPStatus = HTTPStatus.OK, fault: str = "", account_id: str = ""
) -> web.Response:
    provider = Provider(console_of(request).settings)
    context = {"fault_text": fault, "account_id": account_id, "has_provider": provider.is_on}
    return open_page(request, "access/login.html", context, status)
