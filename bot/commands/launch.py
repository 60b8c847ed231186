"""`madoguchi launch`: whether this installation may take real requests."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby
from typing import Annotated

import typer

from bot.clearance.check import look
from bot.clearance.items import Item, State
from bot.commands.chosen import chosen_or_all
from bot.commands.quiet import logs_to_stderr
from bot.settings import Settings

NOT_CLEARED_STATUS = 1
_MARKS = {State.GREEN: "○", State.RED: "×", State.UNKNOWN: "？"}
_COLOURS = {State.GREEN: typer.colors.GREEN, State.RED: typer.colors.RED, State.UNKNOWN: typer.colors.YELLOW}

app = typer.Typer(help="Before real requests are taken.", no_args_is_help=True)


@app.callback()
def main() -> None:
    """Keeps `launch` a group of commands however many there are."""


@app.command()
def check(*, as_json: Annotated[bool, typer.Option("--json", help="print the list as JSON")] = False) -> None:
    """List what each owner must fill in, set or look at, or that of `--for`; exit status 1 while anything is red."""
    logs_to_stderr()
    found = [(settings, look(settings)) for settings in chosen_or_all()]
    if as_json:
        told = [_as_dict(settings, item, is_one=len(found) == 1) for settings, items in found for item in items]
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        for settings, items in found:
            if len(found) > 1:
                typer.secho(f"【{settings.controller}】", bold=True)
            _print(items)
    if any(item.state is not State.GREEN for _, items in found for item in items):
        raise typer.Exit(NOT_CLEARED_STATUS)


def _as_dict(settings: Settings, item: Item, *, is_one: bool) -> dict[str, str]:
    return asdict(item) if is_one else {"controller": settings.controller, **asdict(item)}


def _print(items: Sequence[Item]) -> None:
    for group, members in groupby(items, key=lambda item: item.group):
        typer.echo(group)
        for item in members:
            where = "" if item.state is State.GREEN else f"　→ {item.where}"
            typer.secho(f"  {_MARKS[item.state]} {item.title}：{item.found}{where}", fg=_COLOURS[item.state])
    left = sum(item.state is not State.GREEN for item in items)
    typer.echo(f"{len(items)}件のうち、済んでいないもの：{left}件")
