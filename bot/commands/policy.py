"""`madoguchi policy …`: the corpus on the command line."""

from __future__ import annotations

import typer

from bot.commands.policy_check import check
from bot.commands.policy_diff import diff
from bot.commands.policy_import import import_file

app = typer.Typer(help="Policies of the corpus.", no_args_is_help=True)
app.command("check")(check)
app.command("diff")(diff)
app.command("import")(import_file)


@app.callback()
def group() -> None:
    """Keeps `policy` a group of commands however many there are."""
