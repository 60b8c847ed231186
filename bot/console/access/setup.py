"""The link of an invitation: whoever has it chooses a password and connects an app for the second factor."""

from __future__ import annotations

import asyncio
from http import HTTPStatus

from aiohttp import web
from sqlalchemy.orm import Session

from bot.console.access.entry import agent_of, let_in, open_page, require_own_form
from bot.console.frame.forms import field
from bot.console.frame.parts import Console, console_of
from bot.console.frame.rendering import page, see
from bot.errors import BadInputError
from bot.staff import invitations, passwords, second_factor
from bot.staff.invitations import CodeIsWrongError, InvitationIsOverError, Proven
from bot.staff.models import Account
from bot.staff.passwords import PasswordIsWeakError
from bot.staff.sessions import open_session
from bot.staff.trail import About, StaffAction, note_of

PATH = invitations.path_of("{token}")
_MOST = 400


class PasswordsDifferError(BadInputError):
    """The two passwords are not the same."""

    def __init__(self) -> None:
        super().__init__("2つのパスワードが一致しません。")


async def show(request: web.Request) -> web.StreamResponse:
    """The form; looking at it changes nothing, since programs follow links in mails, too."""
    try:
        account = await _account(request)
    except InvitationIsOverError as error:
        return _over(request, error)
    return _page(request, account)


async def show_code(request: web.Request) -> web.StreamResponse:
    """The picture that the app reads."""
    try:
        account = await _account(request)
    except InvitationIsOverError as error:
        return _over(request, error)
    picture = second_factor.picture(_secret(request), account.id)
    return web.Response(body=picture, content_type="image/svg+xml")


async def submit(request: web.Request) -> web.StreamResponse:
    """Sets the log-in up, and logs in: both factors were shown this very moment."""
    await require_own_form(request)
    console = console_of(request)
    try:
        account = await _account(request)
        password, code = await _password(request, account), await field(request, "code", most=_MOST)
        proven = Proven(await asyncio.to_thread(passwords.hash_of, password), code)
        token = await console.write(lambda session: _accept(session, request, console, proven))
    except InvitationIsOverError as error:
        return _over(request, error)
    except (PasswordIsWeakError, PasswordsDifferError, CodeIsWrongError) as error:
        return _page(request, account, HTTPStatus.BAD_REQUEST, str(error))
    response = see("/")
    await let_in(request, response, token)
    raise response


async def new_password(request: web.Request, known: tuple[str, ...]) -> str:
    """The new password that a form chooses, typed twice.

    Raises:
        PasswordsDifferError: the two are not the same.
        PasswordIsWeakError: it cannot be taken.
    """
    password, again = await field(request, "password", most=_MOST), await field(request, "again", most=_MOST)
    if password != again:
        raise PasswordsDifferError
    await asyncio.to_thread(passwords.check, password, known)
    return password


async def _password(request: web.Request, account: Account) -> str:
    return await new_password(request, (account.id, account.name, account.email, account.controller))


async def _account(request: web.Request) -> Account:
    console, token = console_of(request), request.match_info["token"]
    return await console.read(
        lambda session: invitations.find(session, token, controller=console.controller, now=console.clock())
    )


def _accept(session: Session, request: web.Request, console: Console, proven: Proven) -> str:
    token, now = request.match_info["token"], console.clock()
    account = invitations.find(session, token, controller=console.controller, now=now)
    invitations.accept(session, account, token, proven, vault=console.vault, now=now)
    about = About("account", account.id, fields=["password", "totp"])
    for action in (StaffAction.FACTOR_SET, StaffAction.SESSION_OPENED):
        note_of(session, console.controller, f"staff:{account.id}", action, about, now=now, role=account.role)
    return open_session(session, account, opened_by="setup", agent=agent_of(request), now=now)


def _secret(request: web.Request) -> str:
    return second_factor.secret_for(request.match_info["token"], console_of(request).vault)


def _page(request: web.Request, account: Account, status: HTTPStatus = HTTPStatus.OK, fault: str = "") -> web.Response:
    secret = _secret(request)
    context = {
        "fault_text": fault,
        "person": account,
        "shortest": passwords.SHORTEST,
        "until": account.setup_until,
        "picture": f"{request.path}/code.svg",
        "key": " ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
    }
    return open_page(request, "access/setup.html", context, status)


def _over(request: web.Request, error: InvitationIsOverError) -> web.Response:
    return page(request, "access/refused.html", {"text": str(error)}, HTTPStatus.GONE)
