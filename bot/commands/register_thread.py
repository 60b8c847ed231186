"""Words within a request: `ask`, `message`, `interim`, `reply`, `note`; they come from a file or standard input."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Protocol

import typer
from sqlalchemy.orm import Session

from bot.commands.register_session import STANDARD_INPUT, As, Number, TextFile, acting, read_text
from bot.register.casework import send_interim
from bot.register.thread.messages import ask_member, member_writes, write_note, write_to_member
from bot.storage.encryption import Vault

app = typer.Typer()


class _Writing(Protocol):
    """How the register takes words of every sort."""

    def __call__(
        self, session: Session, request_id: str, text: str, /, *, actor: str, now: datetime, vault: Vault
    ) -> str: ...


@app.command()
def ask(number: Number, text: TextFile = STANDARD_INPUT, as_: As = "") -> None:
    """Asks the member one thing, who is told by mail; the request waits for the reply while its clocks run."""
    _write(ask_member, number, text, as_)


@app.command()
def message(number: Number, text: TextFile = STANDARD_INPUT, as_: As = "") -> None:
    """Writes to the member, who is told by mail that a message waits on the request's page."""
    _write(write_to_member, number, text, as_)


@app.command()
def interim(number: Number, text: TextFile = STANDARD_INPUT, as_: As = "") -> None:
    """Tells the member why it takes longer; there is no extension, so that no date moves."""
    _write(send_interim, number, text, as_)


@app.command()
def reply(number: Number, text: TextFile = STANDARD_INPUT, as_: As = "") -> None:
    """Enters what the member said by telephone or letter; it answers the question that is open, if one is."""
    _write(member_writes, number, text, as_)


@app.command()
def note(number: Number, text: TextFile = STANDARD_INPUT, as_: As = "") -> None:
    """Keeps a note that staff alone read."""
    _write(write_note, number, text, as_)


def _write(writing: _Writing, number: str, text: Path, as_: str) -> None:
    words = read_text(text)
    with acting(as_) as act:
        writing(act.session, act.request(number).id, words, actor=act.actor, now=act.now, vault=act.vault)
        act.say_standing(number)
