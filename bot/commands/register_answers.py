"""The data on their way to the member: `deliver`, then a second person's `release`, and `posted`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from bot.commands.register_session import (
    STANDARD_INPUT,
    Acting,
    As,
    Number,
    TextFile,
    acting,
    read_bytes,
    read_text,
    shown,
)
from bot.errors import BadInputError
from bot.register.decisions import releasing
from bot.register.decisions.models import Delivery
from bot.register.decisions.releasing import ReleaseView
from bot.register.requests import RequestView
from bot.register.staff import Permission
from bot.register.thread.files import store_file
from bot.register.thread.models import FilePurpose

app = typer.Typer()

AnswerId = Annotated[str, typer.Option("--answer", metavar="ID", help="Which answer, when there are several.")]


@app.command()
def deliver(
    number: Number,
    by: Annotated[Delivery, typer.Option(help="On the request's page after a fresh code, or by post.")],
    file: Annotated[
        Path | None, typer.Option("--file", metavar="FILE", help="The answer; needed for the page, sealed at once.")
    ] = None,
    as_: As = "",
) -> None:
    """Lays an answer ready for a second person to release; nothing leaves by it."""
    content = None if file is None else read_bytes(file)
    with acting(as_) as act:
        view = act.request(number)
        file_id = None if file is None or content is None else _store(act, view, file.name, content)
        answer = releasing.prepare(act.session, view.id, delivery=by, file_id=file_id, actor=act.actor, now=act.now)
        act.say(f"{view.number}: answer {answer} is ready for a second person")


@app.command()
def release(number: Number, answer: AnswerId = "", as_: As = "") -> None:
    """Lets an answer go, as the second person: on the page at once, by post as soon as `posted` says so."""
    with acting(as_) as act:
        act.require(Permission.APPROVE)
        chosen = _chosen(act, number, answer, lambda view: view.released_at is None)
        days = act.settings.answer_days
        releasing.release(act.session, chosen.id, actor=act.actor, now=act.now, days=days)
        (left,) = [view for view in releasing.releases_of(act.session, chosen.request_id) if view.id == chosen.id]
        until = f", to be had until {shown(left.available_until)}" if left.available_until else ""
        act.say(f"{act.request(number).number}: answer {chosen.id} is released{until}")


@app.command()
def posted(number: Number, tracking: TextFile = STANDARD_INPUT, answer: AnswerId = "", as_: As = "") -> None:
    """Notes that a released answer was handed to the post; the words are its tracking number."""
    words = read_text(tracking)
    with acting(as_) as act:
        chosen = _chosen(
            act,
            number,
            answer,
            lambda view: view.delivery is Delivery.POST and view.released_at is not None and view.posted_at is None,
        )
        releasing.note_posted(act.session, chosen.id, words, actor=act.actor, now=act.now, vault=act.vault)
        act.say(f"{act.request(number).number}: answer {chosen.id} is posted")


def _store(act: Acting, view: RequestView, name: str, content: bytes) -> str:
    return store_file(
        act.session,
        draft_id=view.draft_id,
        request_id=view.id,
        purpose=FilePurpose.ANSWER,
        name=name,
        media_type="application/octet-stream",
        content=content,
        by=act.actor,
        now=act.now,
        vault=act.vault,
    )


def _chosen(act: Acting, number: str, answer: str, fits: Callable[[ReleaseView], bool]) -> ReleaseView:
    request = act.request(number)
    found = [view for view in releasing.releases_of(act.session, request.id) if fits(view) and answer in ("", view.id)]
    if len(found) != 1:
        told = "no answer for this" if not found else f"{len(found)} answers: name one with --answer"
        raise BadInputError(f"request {request.number} has {told}")
    return found[0]
