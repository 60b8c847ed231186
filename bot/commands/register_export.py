"""`register export`: the ledger as a CSV file, for a spreadsheet or an audit."""

from __future__ import annotations

import csv
import io
from dataclasses import fields
from pathlib import Path
from typing import Annotated

import typer

from bot.commands.register_session import Acting, As, acting, write_file
from bot.commands.register_table import Wanted, rows
from bot.register.contacts import Revealed, reveal
from bot.register.ledger import COLUMNS, Row, as_dict, defused
from bot.register.sensitivity import is_sensitive
from bot.register.staff import Permission

app = typer.Typer()

_SEALED = tuple(each.name for each in fields(Revealed))


@app.command()
def export(
    to: Annotated[Path, typer.Option("--to", metavar="FILE.csv", help="The file to write; one that is there goes.")],
    *,
    show_sealed: Annotated[
        bool,
        typer.Option("--reveal", help="Also words and contact details; recorded in the trail of every request."),
    ] = False,
    tests: Annotated[bool, typer.Option("--tests", help="Tests too.")] = False,
    as_: As = "",
) -> None:
    """Writes every request on one line; nothing sealed without --reveal.

    The file is whole or not there at all, and only its owner can read it.
    """
    with acting(as_) as act:
        found = [row for row in rows(act, Wanted()) if tests or not row.view.is_test]
        if show_sealed and any(is_sensitive(row.view.scope) for row in found):
            act.require(Permission.SENSITIVE)
        table = [as_dict(row) | (_sealed(act, row) if show_sealed else {}) for row in found]
    # Written after the commit, so that what was revealed stands in the trail before anybody can read it.
    write_file(to, _csv(table, [*COLUMNS, *(_SEALED if show_sealed else ())]))
    typer.echo(f"{len(table)} requests: {to}")


def _sealed(act: Acting, row: Row) -> dict[str, object]:
    return reveal(act.session, row.view.id, vault=act.vault, actor=act.actor, now=act.now).in_clear()


def _csv(table: list[dict[str, object]], columns: list[str]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns)
    writer.writeheader()
    writer.writerows({name: defused(value) for name, value in row.items()} for row in table)
    # Excel takes a file for UTF-8 only when it begins with a byte order mark.
    return text.getvalue().encode("utf-8-sig", "replace")
