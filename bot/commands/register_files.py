"""Files of a request: what came by post or at the counter is attached, and what is stored is written out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.commands.register_session import Acting, As, Number, acting, read_bytes, write_file
from bot.errors import BadInputError
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
        may_read(act, view)
        if file_id not in {file.id for file in files_of(act.session, view.id)}:
            raise BadInputError(f"request {view.number} has no file {file_id}")
        found = read_file(act.session, file_id, actor=act.actor, now=act.now, vault=act.vault)
    write_file(to, found.content)
    typer.echo(f"{len(found.content)} bytes, {found.media_type}: {to}")


def may_read(act: Acting, view: RequestView) -> None:
    """Stops whoever may not read about health and bank accounts.

    Raises:
        BadInputError: the list of staff does not give this person the duty.
    """
    if is_sensitive(view.scope):
        act.require(Permission.SENSITIVE)
