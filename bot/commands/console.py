"""`madoguchi console …`: the first administrator of the staff's console, and the way back in when nobody has one.

Both work on the database itself, so only whoever sits at the machine can do them; what they print is good once.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer
from sqlalchemy.orm import Session

from bot import settings
from bot.clock import system_clock
from bot.commands.register_session import database_session, shown
from bot.errors import BadInputError
from bot.staff import invitations
from bot.staff.accounts import NewAccount, find, invite, working_admins
from bot.staff.models import Account
from bot.staff.roles import Role
from bot.staff.trail import About, StaffAction, note_of

app = typer.Typer(help="The staff's console.", no_args_is_help=True)

_ACTOR = "system"
_AT_THE_MACHINE = "at the machine, by the command line"

Id = Annotated[str, typer.Option("--id", help="What trails call them: small letters, digits, `.`, `_`, `-`.")]


@app.callback()
def main() -> None:
    """Keeps `console` a group."""


@app.command("create-admin")
def create_admin(
    id_: Id,
    name: Annotated[str, typer.Option(help="As colleagues read it.")],
    email: Annotated[str, typer.Option(help="Their own mail address.")],
) -> None:
    """Makes the first administrator and prints the link to set up their log-in; everybody else is invited by them."""
    configured, now = settings.load(), system_clock()
    controller = configured.controller
    with database_session(configured) as session:
        admins = working_admins(session, controller)
        if admins:
            raise BadInputError(
                f"{admins[0]} is an administrator already and can invite others on the page 利用者; whoever cannot log "
                f"in any more gets a new link by `madoguchi console reinvite --id {admins[0]}`"
            )
        new = NewAccount(id_.strip(), name.strip(), email.strip(), Role.ADMIN)
        account = invite(session, new, controller=controller, by=_ACTOR, now=now)
        token = _issue(session, account, StaffAction.ACCOUNT_INVITED, now)
    _print_link(configured, token, now)


@app.command()
def reinvite(id_: Id) -> None:
    """Takes somebody's password and second factor back and prints a link to set both up anew."""
    configured, now = settings.load(), system_clock()
    controller = configured.controller
    with database_session(configured) as session:
        account = find(session, controller, id_.strip())
        if account.disabled_at is not None:
            raise BadInputError(f"{account.id} is disabled: an administrator has to enable them first")
        token = _issue(session, account, StaffAction.FACTOR_RESET, now)
    _print_link(configured, token, now)


def _issue(session: Session, account: Account, action: StaffAction, now: datetime) -> str:
    token = invitations.issue(session, account, now=now)
    about = About("account", account.id, reason=_AT_THE_MACHINE)
    note_of(session, account.controller, _ACTOR, action, about, now=now)
    return token


def _print_link(configured: settings.Settings, token: str, now: datetime) -> None:
    typer.echo(f"{configured.console_url.rstrip('/')}{invitations.path_of(token)}")
    typer.echo(f"good once, until {shown(now + invitations.LIVES)}; give it to nobody but its owner")
