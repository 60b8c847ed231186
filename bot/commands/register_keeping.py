"""`register check`, `purge` and `hold`: the ledger in order, without what is over, and with what has to stay."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

import typer

from bot import settings
from bot.channels.forgetting.rooms import rooms_of
from bot.channels.forgetting.running import purge_in
from bot.clock import system_clock
from bot.commands.register_session import As, Number, acting, database_session
from bot.incidents.keeping import late_reports
from bot.register.check import contradictions
from bot.register.digests.folder import open_folder
from bot.register.forgetting import hold as holding
from bot.register.staff import Permission
from bot.storage.walls import EVERY, require_all

FINDINGS_STATUS = 2
BATCH = 20
"""Requests that go in one transaction."""

app = typer.Typer()


@app.command()
def check(
    as_: As = "",
    *,
    all_: Annotated[bool, typer.Option("--all", help="Every company's rows; as the owner of the tables.")] = False,
) -> None:
    """Does the register agree with itself, and is nothing late? One line for each finding, exit status 2."""
    findings = _everybodys() if all_ else _own(as_)
    for finding in findings:
        typer.echo(finding, err=True)
    if findings:
        raise typer.Exit(FINDINGS_STATUS)
    typer.echo("The register agrees with itself.")


def _own(as_: str) -> list[str]:
    with acting(as_) as act:
        digests = open_folder(act.settings)
        return [
            *contradictions(act.session, now=act.now, digests=digests, controller=act.controller),
            *late_reports(act.session, act.controller, now=act.now),
        ]


def _everybodys() -> list[str]:
    configured = settings.load()
    with database_session(configured, controller=EVERY, only_reading=True) as session:
        require_all(session)
        return contradictions(session, now=system_clock(), digests=open_folder(configured))


@app.command()
def purge(as_: As = "") -> None:
    """Removes what has been kept for as long as the settings say, as the jobs do by themselves; what is held stays.

    Conversations, which Rasa has to hear of, are left to the jobs; backups are the owner's.
    """
    gone: Counter[str] = Counter()
    while done := _purge_batch(as_):
        gone.update(done)
    typer.echo(", ".join(f"{table} {count}" for table, count in sorted(gone.items())) or "Nothing was due.")


@app.command()
def hold(
    number: Number,
    *,
    reason: Annotated[str, typer.Option(help="Why it has to stay; sealed, read by those who work on it.")] = "",
    lift: Annotated[bool, typer.Option("--lift", help="End the hold: what is due goes with the next purge.")] = False,
    as_: As = "",
) -> None:
    """Keeps a request, and the conversation it came from, from being removed until the hold is lifted."""
    with acting(as_) as act:
        act.require(Permission.APPROVE)
        view = act.request(number)
        if lift:
            holding.lift(act.session, view.id, actor=act.actor, now=act.now)
        else:
            holding.hold(act.session, view.id, reason, actor=act.actor, now=act.now, vault=act.vault)
        act.say(f"{view.number}: {'no longer held' if lift else 'held'}")


def _purge_batch(as_: str) -> Counter[str]:
    """One transaction, as short as those of the jobs; gives what went, which is nothing in the end."""
    with acting(as_) as act:
        return Counter(
            {
                name: count
                for room in rooms_of(act.settings, act.controller)
                for name, count in purge_in(act.session, act.controller, room, act.now, BATCH).items()
            }
        )
