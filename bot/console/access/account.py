"""Somebody's own log-in: where they are logged in, and another password."""

from __future__ import annotations

import asyncio
from http import HTTPStatus

from aiohttp import web
from sqlalchemy.orm import Session

from bot.console.access.setup import PasswordsDifferError, new_password
from bot.console.frame.forms import field
from bot.console.frame.guard import actor_of
from bot.console.frame.parts import console_of
from bot.console.frame.rendering import page, see
from bot.staff import passwords, sessions
from bot.staff.logging_in import Door, LoginIsRefusedError, TooManyLoginsError, Typed, change_password
from bot.staff.models import Account
from bot.staff.passwords import PasswordIsWeakError
from bot.staff.roles import Right
from bot.staff.trail import About, StaffAction, note

PATH = "/account"
_MOST = 400
_REFUSALS = (PasswordIsWeakError, PasswordsDifferError, LoginIsRefusedError, TooManyLoginsError)


async def show(request: web.Request) -> web.StreamResponse:
    """Their sessions, and the form for another password."""
    return await _page(request)


async def end_session(request: web.Request) -> web.StreamResponse:
    """Ends one of their own sessions."""
    console, actor, session_id = console_of(request), actor_of(request), request.match_info["session"]

    def end(session: Session) -> None:
        mine = sessions.open_sessions(session, console.controller, now=console.clock(), of=actor.account_id)
        if any(one.id == session_id for one in mine):
            sessions.end_session(session, session_id, now=console.clock())
            note(session, actor, StaffAction.SESSION_REVOKED, About("session", session_id), now=console.clock())

    await console.write(end)
    raise see(PATH)


async def change(request: web.Request) -> web.StreamResponse:
    """Another password for who proves with the present one and a code that it is them (OWASP ASVS 5.0, 6.2.3)."""
    console, actor = console_of(request), actor_of(request)
    current, code = await field(request, "current", most=_MOST), await field(request, "code", most=_MOST)
    door = Door(console.engine, console.vault, console.settings)
    typed = Typed(actor.account_id, current, code)
    try:
        password = await new_password(request, (actor.account_id, actor.name, actor.controller))
        new_hash = await asyncio.to_thread(passwords.hash_of, password)
        await asyncio.to_thread(
            change_password, door, typed, new_hash, session_id=actor.session_id, now=console.clock()
        )
    except _REFUSALS as error:
        return await _page(request, str(error))
    return await _page(request, done="パスワードを変更しました。ほかの端末でのログインは終了しました。")


async def _page(request: web.Request, fault: str = "", *, done: str = "") -> web.Response:
    console, actor = console_of(request), actor_of(request)

    def look(session: Session) -> tuple[list[sessions.OpenSession], Account]:
        mine = sessions.open_sessions(session, console.controller, now=console.clock(), of=actor.account_id)
        return mine, session.get_one(Account, (actor.account_id, actor.controller))

    mine, account = await console.read(look)
    context = {
        "fault_text": fault,
        "done": done,
        "sessions": mine,
        "own_session": actor.session_id,
        "has_password": account.password_hash is not None,
        "email": account.email,
        "sees_sensitive": actor.sees_sensitive and actor.has(Right.SEE_REQUESTS),
        "shortest": passwords.SHORTEST,
    }
    return page(request, "access/account.html", context, HTTPStatus.BAD_REQUEST if fault else HTTPStatus.OK)
