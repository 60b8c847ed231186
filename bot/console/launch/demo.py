"""The way into a demo: a link that logs in once, for data that are all made up. Elsewhere there is no such page."""

from __future__ import annotations

from aiohttp import web
from sqlalchemy.orm import Session

from bot.console.access.entry import agent_of, let_in, open_page, require_own_form
from bot.console.frame.parts import Console, console_of
from bot.console.frame.rendering import see
from bot.console.frame.wording import role_title
from bot.staff import invitations
from bot.staff.roles import Role
from bot.staff.sessions import open_session
from bot.staff.trail import About, StaffAction, note_of

PATH = "/demo/{token}"
_WAY = "demo"


async def show(request: web.Request) -> web.StreamResponse:
    """One button: looking changes nothing, since programs follow links, too."""
    console = _demo(request)
    token = request.match_info["token"]
    account = await console.read(
        lambda session: invitations.find(session, token, controller=console.controller, now=console.clock())
    )
    context = {"name": account.name, "role": role_title(Role(account.role)), "until": account.setup_until}
    return open_page(request, "launch/demo.html", context)


async def submit(request: web.Request) -> web.StreamResponse:
    """Logs in, and the link is used up."""
    console = _demo(request)
    await require_own_form(request)
    token = request.match_info["token"]
    opened = await console.write(lambda session: _log_in(session, console, token, agent_of(request)))
    response = see("/")
    await let_in(request, response, opened)
    raise response


def _demo(request: web.Request) -> Console:
    console = console_of(request)
    if not console.settings.demo:
        raise web.HTTPNotFound
    return console


def _log_in(session: Session, console: Console, token: str, agent: str) -> str:
    now = console.clock()
    account = invitations.find(session, token, controller=console.controller, now=now)
    invitations.close(account)
    opened = open_session(session, account, opened_by=_WAY, agent=agent, now=now)
    actor, about = f"staff:{account.id}", About("session", account.id, reason=_WAY)
    action = StaffAction.SESSION_OPENED
    note_of(session, console.controller, actor, action, about, now=now, role=account.role)
    return opened
