"""`madoguchi register …`: the ledger of requests on the command line, one group of commands a room."""

from __future__ import annotations

import typer

from bot.commands import (
    register_alerts,
    register_answers,
    register_casework,
    register_decisions,
    register_digests,
    register_entry,
    register_export,
    register_files,
    register_identity,
    register_keeping,
    register_list,
    register_papers,
    register_show,
    register_thread,
)

app = typer.Typer(help="The register of requests.", no_args_is_help=True)
for room in (
    register_list,
    register_show,
    register_entry,
    register_identity,
    register_casework,
    register_thread,
    register_decisions,
    register_answers,
    register_files,
    register_papers,
    register_alerts,
    register_export,
    register_keeping,
    register_digests,
):
    # Without a name of its own a group's commands stand beside the others: `register decide`, not one level deeper.
    app.add_typer(room.app)
