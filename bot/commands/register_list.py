"""`register list`: the ledger, newest first."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from bot.commands.register_session import As, acting
from bot.commands.register_table import Wanted, line, rows
from bot.register.kinds import Kind
from bot.register.ledger import as_dict
from bot.register.models import State

app = typer.Typer()


@app.command("list")
def list_requests(
    states: Annotated[list[State] | None, typer.Option("--state", help="Only in this state; repeatable.")] = None,
    kinds: Annotated[list[Kind] | None, typer.Option("--kind", help="Only of this kind; repeatable.")] = None,
    *,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only what is past its earlier last day.")] = False,
    mine: Annotated[bool, typer.Option("--mine", help="Only what is assigned to whoever acts (--as).")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    as_: As = "",
) -> None:
    """Number, kind, state, arrival, both last days, working days left, assignee and marks; nothing sealed.

    The last days are two weeks from arrival and, after the slash, two weeks from the identity check; the earlier one
    drives the work.
    """
    with acting(as_) as act:
        wanted = Wanted(tuple(states or ()), tuple(kinds or ()), overdue, act.actor if mine else "")
        found = rows(act, wanted)
        if as_json:
            act.say(json.dumps([as_dict(row) for row in found], ensure_ascii=False, indent=2))
        else:
            for row in found:
                act.say(line(row))
