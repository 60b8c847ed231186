"""Who asks, on the command line: what proof is needed, what was looked at and what came of it."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.commands.register_session import Acting, As, Number, acting
from bot.register.identity.expiry import resume_identities
from bot.register.identity.models import ProofSort
from bot.register.identity.proof_table import ProofTable, load_proof_table
from bot.register.identity.proofs import ProofResult, record_proof, required_proof

app = typer.Typer()


@app.command()
def required(number: Number, as_: As = "") -> None:
    """The least proof that suffices for a request now, the reason, and the facts that may be compared."""
    with acting(as_) as act:
        table = _table(act)
        needed = required_proof(act.session, act.request(number).id, table=table)
        act.say(f"{needed.sort or 'none'}: {needed.reason}")
        act.say(f"facts: {', '.join(table.facts)}")


@app.command()
def proof(
    number: Number,
    sort: Annotated[ProofSort, typer.Option(help="What was looked at.")],
    *,
    agrees: Annotated[bool, typer.Option("--agrees/--differs", help="一致, or 不一致.")],
    facts: Annotated[
        list[str] | None, typer.Option("--fact", help="Name of a fact that was compared; never its value. Repeatable.")
    ] = None,
    binds_address: Annotated[
        bool, typer.Option("--binds-address", help="It ties the address that answers go to to the person.")
    ] = False,
    as_: As = "",
) -> None:
    """Records an attempt to show who asks; the first one that suffices verifies the request."""
    with acting(as_) as act:
        result = ProofResult(sort, agrees, tuple(facts or ()), binds_address)
        suffices = record_proof(
            act.session, act.request(number).id, result, actor=act.actor, now=act.now, table=_table(act)
        )
        act.say("suffices" if suffices else "does not suffice")
        act.say_standing(number)


@app.command("resume-identity")
def resume_identity(number: Number, as_: As = "") -> None:
    """Takes up again what was set aside because nothing came that shows who asks, with all that was filed with it."""
    with acting(as_) as act:
        resumed = resume_identities(act.session, act.request(number).draft_id, actor=act.actor, now=act.now)
        act.say(f"{resumed} requests go on")
        act.say_standing(number)


def _table(act: Acting) -> ProofTable:
    return load_proof_table(act.settings.proofs_file)
