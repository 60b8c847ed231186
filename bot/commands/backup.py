"""`madoguchi backup …`: a whole installation in a folder, and back. docs/operations.md says when to use which."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Engine

from bot import settings
from bot.backup.making import make_backup
from bot.backup.manifest import NAME, describe, read_manifest
from bot.backup.restoring import restore_backup
from bot.backup.verifying import faults
from bot.channels.beating import BACKUP
from bot.channels.forgetting.again import forget_again
from bot.clock import in_tokyo, system_clock
from bot.controllers import read_controllers
from bot.errors import BadInputError
from bot.storage.beats import beat
from bot.storage.deletion_list import DeletionList
from bot.storage.encryption import Vault
from bot.storage.engine import transaction
from bot.storage.own_rows import open_own_engine

FAULTS_STATUS = 2

Folder = Annotated[Path, typer.Argument(help="The backup's folder.", show_default=False)]

app = typer.Typer(help="Backups: make, verify, restore.", no_args_is_help=True)


@app.callback()
def main() -> None:
    """Keeps `backup` a group."""


@app.command()
def make(
    into: Annotated[Path, typer.Argument(help="The folder that backups are kept in.", show_default=False)],
) -> None:
    """Writes a backup of register, policies and cases into a folder of its own, whole or not at all.

    Everybody goes on working meanwhile. Not in it: keys, digests and lists of deletions, which lie elsewhere for a
    reason, and Rasa's tracker, without which only a dialogue of the last hour begins anew.
    """
    began, configured = time.monotonic(), settings.load()
    try:
        made = make_backup(configured, into, clock=system_clock)
    except OSError as error:
        raise BadInputError(f"{into}: {error.strerror or type(error).__name__}; nothing was written") from None
    size = sum(file.bytes for file in made.manifest.files.values())
    typer.echo(f"{made.place}")
    typer.echo(f"  {sum(made.manifest.rows.values())} rows, {made.manifest.heads.events} events of the trails")
    typer.echo(f"  {size / 1e6:.1f} MB in {time.monotonic() - began:.1f} s")
    typer.echo(f"  sha256 of {NAME}: {describe(made.place, [made.place / NAME])[NAME].sha256}")
    _note(configured)


def _note(configured: settings.Settings) -> None:
    """Says to every company that there is a backup, so that `madoguchi_task_age_seconds` shows when there is none."""
    now = system_clock()
    for served in read_controllers(configured):
        engine = open_own_engine(served)
        try:
            with transaction(engine) as session:
                beat(session, BACKUP, controller=served.controller, now=now)
        finally:
            engine.dispose()


@app.command()
def verify(
    folder: Folder,
    *,
    scratch: Annotated[
        str,
        typer.Option(help="URL of an empty PostgreSQL database: the dump is restored there, and its trails checked."),
    ] = "",
) -> None:
    """Checks every file by its hash, rows and trails by the manifest. Exit status 2 when something is wrong."""
    manifest = read_manifest(folder)
    found = list(faults(folder, scratch_url=scratch or None))
    for fault in found:
        typer.echo(fault, err=True)
    if found:
        raise typer.Exit(FAULTS_STATUS)
    looked_into = manifest.backend == "sqlite" or bool(scratch)
    typer.echo(
        f"whole: {len(manifest.files)} files, "
        + (
            f"{manifest.heads.chains} trails with {manifest.heads.events} events verified"
            if looked_into
            else "the dump by its hash; --scratch URL looks at rows and trails, too"
        )
    )


@app.command()
def restore(
    folder: Folder,
    *,
    deletions: Annotated[
        list[Path] | None,
        typer.Option(help="A folder of lists of deletions beside MADOGUCHI_DELETIONS_DIR; may be given several times."),
    ] = None,
) -> None:
    """Restores a backup to the empty database of MADOGUCHI_DATABASE_URL, and deletes what was deleted since.

    All processes are stopped meanwhile, and those of the lost installation never start again. Exit status 2 when it
    was refused; only what ends with `restored` may be used.
    """
    began, configured = time.monotonic(), settings.load()
    lists = [DeletionList(one) for one in (configured.deletions_dir, *(deletions or ()))]

    def forget(engine: Engine, since: datetime) -> str:
        return _forget(engine, lists, since, Vault.from_settings(configured))

    done = restore_backup(configured, folder, clock=system_clock, forget_again=forget)
    typer.echo(done.forgotten)
    for note in done.notes:
        typer.echo(f"note: {note}")
    manifest = done.manifest
    typer.echo(f"{manifest.heads.chains} trails with {manifest.heads.events} events verified")
    typer.echo(
        f"restored what was there at {in_tokyo(manifest.begun_at):%Y-%m-%d %H:%M:%S} JST, "
        f"in {time.monotonic() - began:.1f} s; docs/operations.md says what comes next"
    )


def _forget(engine: Engine, lists: list[DeletionList], since: datetime, vault: Vault) -> str:
    first = min((day for one in lists if (day := one.first_day()) is not None), default=None)
    forgotten = forget_again(engine, lists, since, vault=vault, now=system_clock())
    told = f"deleted again: {forgotten.conversations} conversations, {forgotten.turns} messages taken back"
    if first is None:
        return f"{told}; THERE IS NO LIST OF DELETIONS: what members deleted after the backup is back"
    if first > since.date():
        return f"{told}; the lists begin on {first} only"
    return told
