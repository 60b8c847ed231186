"""`register enter` and what belongs to it: what came by mail, telephone, letter or at the counter, and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
import yaml

from bot.commands.register_session import As, Number, acting, read_bytes, read_moment, read_text, shown
from bot.errors import BadInputError
from bot.register.arrival import check_arrival as check_arrival_of
from bot.register.arrival import correct_arrival as correct_arrival_of
from bot.register.arrived_mail import ArrivedMail, read_mail
from bot.register.completing import give_details as give_details_to
from bot.register.details import Details, read_details
from bot.register.entry import Entry, EntryChannel, Original
from bot.register.entry import enter as enter_it
from bot.register.errors import DetailsAreUnusableError
from bot.register.kinds import Kind
from bot.register.models import Role
from bot.register.particulars import Asked

app = typer.Typer()

DetailsFile = Annotated[
    Path | None,
    typer.Option(
        "--details",
        metavar="FILE.yml",
        help="Who asks and how to answer, as YAML: role, name, reply_by (email, post, phone), email, phone, "
        "postal_code, address, subject, remarks. - for standard input.",
    ),
]


@dataclass(frozen=True)
class _Given:
    """What stands on the command line, before what a mail proposes fills it up."""

    channel: EntryChannel | None
    kinds: tuple[Kind, ...]
    received_at: str
    scope: str | None
    words: Path | None = field(repr=False)
    details: Path | None = field(repr=False)
    original: Path | None = field(repr=False)
    mail: Path | None = field(repr=False)
    is_test: bool


@app.command()
def enter(  # noqa: PLR0913 - the facts of an entry, each an option with a name
    *,
    channel: Annotated[EntryChannel | None, typer.Option(help="How it came; email when --mail is given.")] = None,
    kinds: Annotated[list[Kind] | None, typer.Option("--kind", help="What is asked for; repeatable.")] = None,
    received_at: Annotated[
        str,
        typer.Option(help="When it arrived, on Japanese clocks: 2026-11-20 09:15, or the day alone."),
    ] = "",
    scope: Annotated[str | None, typer.Option(help="Which data are meant, as a title of the desk file.")] = None,
    words: Annotated[
        Path | None, typer.Option("--words", metavar="FILE", help="What was said, UTF-8; - for standard input.")
    ] = None,
    details: DetailsFile = None,
    original: Annotated[
        Path | None, typer.Option("--original", metavar="FILE", help="The letter itself: PDF or image.")
    ] = None,
    mail: Annotated[
        Path | None,
        typer.Option("--mail", metavar="FILE.eml", help="A mail: proposes all of it, and is kept as the original."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Take what the mail proposes without asking.")] = False,
    is_test: Annotated[bool, typer.Option("--test", help="A test: tells nobody, and goes after a day.")] = False,
    as_: As = "",
) -> None:
    """Enters what came otherwise than by chat, under its true time of arrival; prints the receipt numbers.

    A mail proposes when it arrived, who wrote it, its words and what it asks for. Options win over what it proposes.
    The same mail or scan entered again is refused, with the number it has.
    """
    given = _Given(
        channel,
        tuple(kinds or ()),
        received_at,
        scope,
        words=words,
        details=details,
        original=original,
        mail=mail,
        is_test=is_test,
    )
    entry = _entry(given)
    if mail is not None and not yes:
        _confirm(entry)
    with acting(as_) as act:
        filed = enter_it(act.session, entry, actor=act.actor, now=act.now, vault=act.vault, controller=act.controller)
        for one in filed:
            act.say(f"{one.number}: {one.kind}, arrived {shown(one.received_at)}")


@app.command("correct-arrival")
def correct_arrival(
    number: Number,
    received_at: Annotated[str, typer.Option("--to", help="The right time: 2026-11-20 09:15, or the day alone.")],
    as_: As = "",
) -> None:
    """Puts the time of arrival right, until a second person has checked it."""
    moment = read_moment(received_at)
    with acting(as_) as act:
        for changed in correct_arrival_of(act.session, act.request(number).id, moment, actor=act.actor, now=act.now):
            act.say(f"{changed}: arrived {shown(moment)}")


@app.command("check-arrival")
def check_arrival(number: Number, as_: As = "") -> None:
    """Notes that a second person compared the time of arrival with the original; from now on it stands."""
    with acting(as_) as act:
        for fixed in check_arrival_of(act.session, act.request(number).id, actor=act.actor, now=act.now):
            act.say(f"{fixed}: the arrival is checked and stands")


@app.command("give-details")
def give_details(number: Number, details: DetailsFile = Path("-"), as_: As = "") -> None:
    """Adds who asks and how to answer to what came without; the member is sent a receipt where there is an address."""
    form = _form(details or Path("-"))
    with acting(as_) as act:
        view = act.request(number)
        asked = Asked((view.kind,), view.scope)
        give_details_to(
            act.session, view.draft_id, read_details(form, asked), actor=act.actor, now=act.now, vault=act.vault
        )
        act.say_standing(number)


def _entry(given: _Given) -> Entry:
    content = b"" if given.mail is None else read_bytes(given.mail)
    arrived = None if given.mail is None else read_mail(content)
    kinds = given.kinds or (arrived.kinds if arrived else ())
    if not kinds:
        raise BadInputError("--kind is missing: what is asked for has to be named")
    return Entry(
        channel=_channel(given, arrived),
        kinds=kinds,
        received_at=_received_at(given, arrived),
        scope=given.scope,
        words=_words(given, arrived),
        details=_details(given, arrived, kinds),
        original=_original(given, arrived, content),
        is_test=given.is_test,
    )


def _channel(given: _Given, arrived: ArrivedMail | None) -> EntryChannel:
    if given.channel is None and arrived is None:
        raise BadInputError("--channel is missing: how did it come?")
    return given.channel or EntryChannel.EMAIL


def _received_at(given: _Given, arrived: ArrivedMail | None) -> datetime:
    if given.received_at:
        return read_moment(given.received_at)
    if arrived is None or arrived.received_at is None:
        raise BadInputError("--received-at is missing: when did it arrive?")
    return arrived.received_at


def _words(given: _Given, arrived: ArrivedMail | None) -> str | None:
    if given.words is not None:
        return read_text(given.words)
    return arrived.words if arrived else None


def _details(given: _Given, arrived: ArrivedMail | None, kinds: tuple[Kind, ...]) -> Details | None:
    asked = Asked(kinds, given.scope)
    if given.details is not None:
        return read_details(_form(given.details), asked)
    if arrived is None:
        return None
    try:
        # Nothing but the address is known of whoever wrote; for whom they write, and what a correction needs, is asked.
        return read_details({"role": Role.SELF, "name": arrived.sender_name, "email": arrived.sender_email})
    except DetailsAreUnusableError:
        return None


def _original(given: _Given, arrived: ArrivedMail | None, content: bytes) -> Original | None:
    if given.mail is not None and given.original is not None:
        raise BadInputError("--mail and --original exclude each other: a mail is its own original")
    if given.mail is not None:
        message_id = arrived.message_id if arrived else None
        return Original(f"{given.mail.stem}.eml", "message/rfc822", content, message_id)
    if given.original is None:
        return None
    return Original(given.original.name, "application/octet-stream", read_bytes(given.original))


def _form(path: Path) -> Mapping[str, str]:
    try:
        # The base loader makes texts of everything: a telephone number must not become a number and lose its zero.
        rows = yaml.load(read_text(path), Loader=yaml.BaseLoader)  # noqa: S506 - it makes texts, lists and dicts only
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise BadInputError(f"{path}: no YAML (line {mark.line + 1 if mark else '?'})") from None
    if not isinstance(rows, dict) or not all(isinstance(value, str) for value in rows.values()):
        raise BadInputError(f"{path}: not a list of `name: value`, each value a text")
    return rows


def _confirm(entry: Entry) -> None:
    typer.echo(f"arrived: {shown(entry.received_at)}")
    typer.echo(f"asks for: {', '.join(entry.kinds)}")
    if entry.details is None:
        typer.echo("contact: none; it can be added with give-details")
    else:
        typer.echo(f"contact: {entry.details.name} <{entry.details.email}>, {entry.details.role}")
    typer.confirm("Enter it like this?", abort=True)
