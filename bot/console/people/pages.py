"""利用者: who works at the desk, and what administrators change about it."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from aiohttp import web
from sqlalchemy.orm import Session

from bot.console.frame.forms import FormIsWrongError
from bot.console.frame.guard import actor_of
from bot.console.frame.parts import console_of
from bot.console.frame.rendering import page, see
from bot.console.frame.wording import ROLE_TITLES
from bot.console.people import desk
from bot.console.people.forms import read_facts, read_new_account
from bot.console.people.rights import rights_table
from bot.staff import invitations, people, sessions
from bot.staff.accounts import AccountIsUnknownError, AccountIsWrongError
from bot.staff.trail import About, StaffAction, note

PATH = "/people"
SESSIONS_PATH = "/sessions"
_ROLES = [(role.value, title) for role, title in ROLE_TITLES.items()]


async def show(request: web.Request) -> web.StreamResponse:
    """Everybody, the form to invite somebody, and what each role may do."""
    return await _list(request)


async def invite(request: web.Request) -> web.StreamResponse:
    """Makes an account and shows the link to set it up, which nobody can look up later."""
    console, actor = console_of(request), actor_of(request)
    try:
        new = await read_new_account(request)
        token = await console.write(lambda session: people.invite_person(session, actor, new, now=console.clock()))
    except (AccountIsWrongError, FormIsWrongError) as error:
        return await _list(request, str(error), dict(await request.post()))
    return _link(request, new.id, new.name, token)


async def show_person(request: web.Request) -> web.StreamResponse:
    """One person: what can be changed, how they log in, where they are logged in."""
    return await _person(request)


async def change(request: web.Request) -> web.StreamResponse:
    """Changes what an administrator chose."""
    console, actor, account_id = console_of(request), actor_of(request), request.match_info["id"]
    try:
        facts = await read_facts(request)
        await console.write(
            lambda session: people.change_person(session, actor, account_id, facts, now=console.clock())
        )
    except (AccountIsWrongError, FormIsWrongError) as error:
        return await _person(request, str(error), dict(await request.post()))
    raise see(_path_of(account_id))


async def reset(request: web.Request) -> web.StreamResponse:
    """Takes somebody's log-in back and shows the link to set up another."""
    console, actor, account_id = console_of(request), actor_of(request), request.match_info["id"]

    def step(session: Session) -> tuple[str, str]:
        token = people.reset_person(session, actor, account_id, now=console.clock())
        row = desk.look(session, console).row(account_id)
        return token, row.account.name if row is not None else account_id

    try:
        token, name = await console.write(step)
    except AccountIsWrongError as error:
        return await _person(request, str(error))
    return _link(request, account_id, name, token)


async def disable(request: web.Request) -> web.StreamResponse:
    """Lets somebody in no longer."""
    return await _step(request, people.disable_person)


async def enable(request: web.Request) -> web.StreamResponse:
    """Lets somebody in again."""
    return await _step(request, people.enable_person)


async def show_sessions(request: web.Request) -> web.StreamResponse:
    """Everybody who is logged in."""
    console, actor = console_of(request), actor_of(request)
    rows = await console.read(lambda session: sessions.open_sessions(session, console.controller, now=console.clock()))
    return page(request, "people/sessions.html", {"sessions": rows, "own_session": actor.session_id})


async def end_session(request: web.Request) -> web.StreamResponse:
    """Ends somebody's session: they are out at their next click."""
    console, actor, session_id = console_of(request), actor_of(request), request.match_info["session"]

    def end(session: Session) -> None:
        rows = sessions.open_sessions(session, console.controller, now=console.clock())
        if any(row.id == session_id for row in rows):
            sessions.end_session(session, session_id, now=console.clock())
            note(session, actor, StaffAction.SESSION_REVOKED, About("session", session_id), now=console.clock())

    await console.write(end)
    raise see(SESSIONS_PATH)


async def _step(request: web.Request, step: Callable[..., None]) -> web.StreamResponse:
    console, actor, account_id = console_of(request), actor_of(request), request.match_info["id"]
    try:
        await console.write(lambda session: step(session, actor, account_id, now=console.clock()))
    except AccountIsWrongError as error:
        return await _person(request, str(error))
    raise see(_path_of(account_id))


async def _list(request: web.Request, fault: str = "", typed: dict[str, Any] | None = None) -> web.Response:
    console = console_of(request)
    everybody = await console.read(lambda session: desk.look(session, console))
    context = {
        "people": everybody,
        "roles": _ROLES,
        "rights": rights_table(),
        "fault_text": fault,
        "typed": typed or {},
        "hours": invitations.LIVES.total_seconds() // 3600,
    }
    return page(request, "people/list.html", context, HTTPStatus.BAD_REQUEST if fault else HTTPStatus.OK)


async def _person(request: web.Request, fault: str = "", typed: dict[str, Any] | None = None) -> web.Response:
    console, actor, account_id = console_of(request), actor_of(request), request.match_info["id"]

    def look(session: Session) -> tuple[desk.People, list[sessions.OpenSession]]:
        mine = sessions.open_sessions(session, console.controller, now=console.clock(), of=account_id)
        return desk.look(session, console), mine

    everybody, mine = await console.read(look)
    row = everybody.row(account_id)
    if row is None:
        raise AccountIsUnknownError("この利用者は見つかりません")
    context = {
        "row": row,
        "typed": typed or _typed(row),
        "roles": _ROLES,
        "deputies": [("", "（なし）"), *everybody.deputies_for(account_id)],
        "sessions": mine,
        "is_self": account_id == actor.account_id,
        "fault_text": fault,
        "own_session": actor.session_id,
    }
    return page(request, "people/person.html", context, HTTPStatus.BAD_REQUEST if fault else HTTPStatus.OK)


def _typed(row: desk.PersonRow) -> dict[str, Any]:
    account = row.account
    return {
        "name": account.name,
        "email": account.email,
        "role": account.role,
        "slack": account.slack or "",
        "deputy": account.deputy or "",
    } | ({"sees_sensitive": "on"} if account.sees_sensitive else {})


def _link(request: web.Request, account_id: str, name: str, token: str) -> web.Response:
    console = console_of(request)
    context = {
        "account_id": account_id,
        "name": name,
        "link": console.settings.console_url.rstrip("/") + invitations.path_of(token),
        "until": console.clock() + invitations.LIVES,
        "has_provider": bool(console.settings.oidc_issuer),
    }
    return page(request, "people/link.html", context)


def _path_of(account_id: str) -> str:
    return f"{PATH}/{account_id}"
