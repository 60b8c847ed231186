"""`madoguchi keys …`: the keys of what is sealed. docs/secrets.md says in which order they are changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby

import typer
from sqlalchemy import Engine

from bot import settings
from bot.storage.encryption import Vault
from bot.storage.engine import open_engine, reading
from bot.storage.keyring import new_key
from bot.storage.rotation import Held, rotate, survey
from bot.storage.sealed_columns import Batch, SealedColumn
from bot.storage.walls import EVERY, require_all

LEFT_STATUS = 2
# A batch waits for writers of other processes rather than give up in the middle.
_PATIENCE = 60.0
_TOLD_EACH = 10_000

app = typer.Typer(help="The keys of what is sealed.", no_args_is_help=True)


@app.callback()
def main() -> None:
    """Keeps `keys` a group."""


@app.command()
def new() -> None:
    """Prints a fresh key as the settings take it; it is kept nowhere."""
    typer.echo(new_key())


@app.command()
def status() -> None:
    """How many values are under which key, by column. Exit status 2 when some cannot be opened with the keys set."""
    with _opened() as (engine, vault):
        _show(survey(engine, vault), vault)


@app.command("rotate")
def rotate_() -> None:
    """Seals everything that is not under the current key anew, while everybody goes on working.

    It can be ended and started again at any time. Exit status 2 when something is left.
    """
    with _opened() as (engine, vault):
        for place, batches in groupby(rotate(engine, vault), key=lambda batch: batch.column):
            _tell(place, batches)
        _show(survey(engine, vault), vault, is_done=True)


def _tell(place: SealedColumn, batches: Iterator[Batch]) -> None:
    done = told = 0
    for batch in batches:
        done += batch.rewritten
        if done - told >= _TOLD_EACH:
            told = done
            typer.echo(f"{_named(place)}: {done} so far")
    typer.echo(f"{_named(place)}: {done} sealed anew")


def _show(held: list[Held], vault: Vault, *, is_done: bool = False) -> None:
    typer.echo(f"current key: {vault.keyring.current.name}{' (wraps the period keys)' if vault.period_keys else ''}")
    for line in _lines(held):
        typer.echo(line)
    # A process with the settings of before may have made a day's key after the files were sealed anew.
    files = vault.period_keys.stale() if vault.period_keys else []
    if files:
        typer.echo(f"{len(files)} period keys are sealed with a key of before")
    for name in vault.period_keys.unopened() if vault.period_keys else []:
        typer.echo(f"period key {name}: sealed with a key that is not set", err=True)
    stale = sum(one.count for one in held if not one.is_current)
    unknown = sum(one.count for one in held if not one.is_known)
    typer.echo(f"{stale} values are not under the current key; {unknown} of them no key that is set opens")
    if unknown or (is_done and (stale or files)):
        raise typer.Exit(LEFT_STATUS)


def _lines(held: list[Held]) -> Iterator[str]:
    for place, of_column in groupby(held, key=lambda one: one.column):
        every = list(of_column)
        days = [one for one in every if one.by_period and one.is_known]
        if days:
            yield f"{_named(place)}: {sum(one.count for one in days)} under {len(days)} period keys"
        for one in every:
            if one not in days:
                yield f"{_named(place)}: {one.count} under {_key(one)}"


def _key(held: Held) -> str:
    if held.key is None:
        return "a key of before keys had names" if held.is_known else "no key that is set"
    kind = "period key" if held.by_period else "key"
    state = "current" if held.is_current else "opens" if held.is_known else "unknown: it is not set"
    return f"{kind} {held.key} ({state})"


def _named(place: SealedColumn) -> str:
    return f"{place.table}.{place.name}"


@contextmanager
def _opened() -> Iterator[tuple[Engine, Vault]]:
    configured = settings.load()
    vault = Vault.from_settings(configured)
    engine = open_engine(configured.database_url, controller=EVERY, patience=_PATIENCE)
    try:
        with reading(engine) as session:
            require_all(session)
        yield engine, vault
    finally:
        engine.dispose()
