"""Files and papers of a request: what came is attached and read, receipt, form and address label are printed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.channels.papers import Asked, Frame, form_pdf, label_pdf, receipt_pdf
from bot.commands.register_session import Acting, As, Number, acting, read_bytes, write_file
from bot.errors import BadInputError
from bot.register.contacts import reveal
from bot.register.filing import receipts
from bot.register.pages import issue_resume_code
from bot.register.requests import RequestView
from bot.register.sensitivity import is_sensitive
from bot.register.staff import Permission
from bot.register.thread.files import files_of, read_file, store_file
from bot.register.thread.models import FilePurpose

app = typer.Typer()

To = Annotated[Path, typer.Option("--to", metavar="FILE", help="The file to write, readable by its owner alone.")]


@app.command()
def attach(
    number: Number,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="PDF or image.")],
    purpose: Annotated[FilePurpose, typer.Option(help="What it is for; answers go by `deliver`.")],
    as_: As = "",
) -> None:
    """Keeps a file that came by post or at the counter, sealed: a document that shows who asks, or evidence."""
    if purpose is FilePurpose.ANSWER:
        raise BadInputError("an answer is laid ready with `deliver`")
    content = read_bytes(file)
    with acting(as_) as act:
        view = act.request(number)
        file_id = store_file(
            act.session,
            draft_id=view.draft_id,
            request_id=view.id,
            purpose=purpose,
            name=file.name,
            media_type="application/octet-stream",
            content=content,
            by=act.actor,
            now=act.now,
            vault=act.vault,
        )
        act.say(f"{view.number}: file {file_id}")


@app.command("file")
def write_out(
    number: Number,
    file_id: Annotated[str, typer.Argument(metavar="FILE_ID", help="As `show` names it.")],
    to: To,
    as_: As = "",
) -> None:
    """Writes a file of a request out; this is recorded."""
    with acting(as_) as act:
        view = act.request(number)
        _may_read(act, view)
        if file_id not in {file.id for file in files_of(act.session, view.id)}:
            raise BadInputError(f"request {view.number} has no file {file_id}")
        found = read_file(act.session, file_id, actor=act.actor, now=act.now, vault=act.vault)
    write_file(to, found.content)
    typer.echo(f"{len(found.content)} bytes, {found.media_type}: {to}")


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
    write_file(to, receipt_pdf(filed, frame, resume_code=code))
    typer.echo(f"{view.number}: {to}")


@app.command("form")
def request_form(number: Number, to: To, as_: As = "") -> None:
    """Prints the request form for those who fill it in by hand, as PDF; showing their words is recorded."""
    with acting(as_) as act:
        view = act.request(number)
        _may_read(act, view)
        words = reveal(act.session, view.id, vault=act.vault, actor=act.actor, now=act.now).words
        filed, frame = receipts(act.session, view.draft_id), _frame(act)
    write_file(to, form_pdf(filed, frame, Asked(view.scope or "", words or "")))
    typer.echo(f"{view.number}: {to}")


@app.command()
def label(number: Number, to: To, as_: As = "") -> None:
    """Prints the address label of a letter to the member, as PDF; showing the address is recorded."""
    with acting(as_) as act:
        view = act.request(number)
        revealed = reveal(act.session, view.id, vault=act.vault, actor=act.actor, now=act.now)
        if revealed.address is None:
            raise BadInputError(f"request {view.number} has no postal address")
    write_file(to, label_pdf(revealed.name or "", revealed.address, made_at=act.now))
    typer.echo(f"{view.number}: {to}")


def _may_read(act: Acting, view: RequestView) -> None:
    if is_sensitive(view.scope):
        act.require(Permission.SENSITIVE)


def _frame(act: Acting) -> Frame:
    return Frame(desk=act.desk, page_url=f"{act.settings.public_url.rstrip('/')}/request", made_at=act.now)
