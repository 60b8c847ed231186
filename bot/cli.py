"""The `madoguchi` command: puts the groups of `bot.commands` together and translates errors once."""

from __future__ import annotations

import sys

import typer

from bot.commands import backup, console, controllers, incident, keys, launch, policy, register, storage
from bot.commands.ask import ask
from bot.commands.chosen import For, choose
from bot.commands.embed import embed
from bot.commands.evaluate import evaluate
from bot.errors import MadoguchiError

BAD_INPUT_STATUS = 2

app = typer.Typer(
    help="Madoguchi: answers from the privacy policy, and files formal requests.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


app.add_typer(backup.app, name="backup")
app.add_typer(console.app, name="console")
app.add_typer(controllers.app, name="controllers")
app.add_typer(incident.app, name="incident")
app.add_typer(keys.app, name="keys")
app.add_typer(launch.app, name="launch")
app.add_typer(policy.app, name="policy")
app.add_typer(register.app, name="register")
app.add_typer(storage.app, name="storage")
app.command("ask")(ask)
app.command("embed")(embed)
app.command("eval")(evaluate)


@app.callback()
def main(context: typer.Context, *, for_: For = "") -> None:
    """Notes whom the command is for, where several companies are served."""
    choose(context, for_)


def run() -> None:
    """Entry point: an error of ours becomes one line on standard error and exit status 2."""
    try:
        app()
    except MadoguchiError as error:
        print(f"madoguchi: {error}", file=sys.stderr)  # noqa: T201 - a command speaks on standard error
        raise SystemExit(BAD_INPUT_STATUS) from None
