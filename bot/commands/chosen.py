"""Which controller a command works for: the first one, unless `madoguchi --for NAME …` names another."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Annotated

import typer

from bot.controllers import load_controllers, of_name
from bot.errors import BadInputError
from bot.settings import Settings

For = Annotated[
    str,
    typer.Option(
        "--for",
        metavar="CONTROLLER",
        help="Whose register, console and policy a command works on, where several companies are served: the first "
        "half of the policy's id. The first one's when left out.",
    ),
]

_OF_INSTALLATION = frozenset({"backup", "controllers", "keys", "policy", "storage"})
"""Groups whose commands work on the database as a whole, or name the policy themselves."""

_name: ContextVar[str] = ContextVar("controller", default="")


def choose(context: typer.Context, name: str) -> None:
    """Notes whom the command that follows is for.

    Raises:
        BadInputError: it is for no single company.
    """
    if name and context.invoked_subcommand in _OF_INSTALLATION:
        raise BadInputError(f"`madoguchi {context.invoked_subcommand}` is for no single controller: leave --for out")
    token = _name.set(name)
    context.call_on_close(lambda: _name.reset(token))


def chosen() -> Settings:
    """The settings of the controller that this command is for.

    Raises:
        BadInputError: a variable cannot be used, or no such controller is served.
    """
    return of_name(load_controllers(), _name.get())


def chosen_or_all() -> tuple[Settings, ...]:
    """As `chosen`, but where none was named the settings of every controller.

    Raises:
        BadInputError: as `chosen`.
    """
    served = load_controllers()
    return (of_name(served, name),) if (name := _name.get()) else served
