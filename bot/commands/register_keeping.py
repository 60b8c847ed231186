"""`register check` and `register purge`: the ledger in order, and without what goes by itself."""

from __future__ import annotations

import typer

from bot.commands.register_session import As, acting
from bot.register.check import contradictions
from bot.register.purge import purge as purge_register

FINDINGS_STATUS = 2

app = typer.Typer()


@app.command()
def check(as_: As = "") -> None:
    """Does the register agree with itself, and is nothing late? One line for each finding, exit status 2."""
    with acting(as_) as act:
        findings = contradictions(act.session, now=act.now)
    for finding in findings:
        typer.echo(finding, err=True)
    if findings:
        raise typer.Exit(FINDINGS_STATUS)
    typer.echo("The register agrees with itself.")


@app.command()
def purge(as_: As = "") -> None:
    """Removes tests after a day, and the words of drafts that were never filed once they have expired.

    What was really filed stays, and so do conversations and backups: forgetting those after the owner's periods is
    no part of this command.
    """
    with acting(as_) as act:
        done = purge_register(act.session, controller=act.controller, now=act.now, draft_days=act.settings.draft_days)
        act.say(f"{done.tests} tests removed, words of {done.drafts} expired drafts forgotten")
