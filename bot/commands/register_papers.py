"""Papers for a member's hands: `receipt` (控え), `form` to fill in, `label` of a letter; all PDF."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.channels.papers import papers
from bot.commands.register_files import may_read
from bot.commands.register_session import Acting, As, Number, acting, write_file
from bot.errors import BadInputError
from bot.pii import revealed
from bot.register.contacts import reveal
from bot.register.filing import receipts
from bot.register.pages import issue_resume_code

app = typer.Typer()

To = Annotated[Path, typer.Option("--to", metavar="FILE.pdf", help="The file to write, readable by its owner alone.")]


@app.command()
def receipt(
    number: Number,
    to: To,
    *,
    with_code: Annotated[
        bool, typer.Option("--resume-code", help="Print a new code that opens the request's page without any mail.")
    ] = False,
    as_: As = "",
) -> None:
    """Prints the receipt (控え) of everything that was filed together, as PDF."""
    with acting(as_) as act:
        view = act.request(number)
        code = issue_resume_code(act.session, view.draft_id, now=act.now) if with_code else ""
        filed, frame = receipts(act.session, view.draft_id), _frame(act)
    write_file(to, papers.receipt_pdf(filed, frame, resume_code=code))
    typer.echo(f"{view.number}: {to}")


@app.command("form")
def request_form(number: Number, to: To, as_: As = "") -> None:
    """Prints the request form for those who fill it in by hand, as PDF; showing their words is recorded."""
    with acting(as_) as act:
        view = act.request(number)
        may_read(act, view)
        words = reveal(act.session, view.id, vault=act.vault, actor=act.actor, now=act.now).words
        filed, frame = receipts(act.session, view.draft_id), _frame(act)
    write_file(to, papers.form_pdf(filed, frame, papers.Asked(view.scope or "", words or "")))
    typer.echo(f"{view.number}: {to}")


@app.command()
def label(number: Number, to: To, as_: As = "") -> None:
    """Prints the address label of a letter to the member, as PDF; showing the address is recorded."""
    with acting(as_) as act:
        view = act.request(number)
        contact = reveal(act.session, view.id, vault=act.vault, actor=act.actor, now=act.now)
        if contact.address is None:
            raise BadInputError(f"request {view.number} has no postal address")
        name, address = revealed(contact.name) or "", contact.address.reveal()
    write_file(to, papers.label_pdf(name, address, made_at=act.now))
    typer.echo(f"{view.number}: {to}")


def _frame(act: Acting) -> papers.Frame:
    page_url = f"{act.settings.public_url.rstrip('/')}/request"
    return papers.Frame(desk=act.desk, page_url=page_url, made_at=act.now, caution=act.settings.caution)
