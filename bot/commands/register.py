"""`madoguchi register …`: the ledger of requests on the command line."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import inspect, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from bot import settings
from bot.clock import in_tokyo, system_clock
from bot.errors import BadInputError, UnavailableError
from bot.register import audit
from bot.register.check import contradictions
from bot.register.contacts import Revealed, reveal
from bot.register.errors import RequestIsUnknownError
from bot.register.requests import RequestView, by_number, of_controller
from bot.storage.encryption import Vault
from bot.storage.engine import open_engine, transaction

FINDINGS_STATUS = 2

app = typer.Typer(help="The register of requests.", no_args_is_help=True)


@app.command("list")
def list_requests() -> None:
    """Number, kind, state, arrival and due date of every request, newest first; no names."""
    with _register() as session:
        lines = [_line(view) for view in of_controller(session, _controller())]
    for line in lines:
        typer.echo(line)


@app.command()
def show(
    number: Annotated[str, typer.Argument(help="Receipt number.")],
    show_details: Annotated[  # noqa: FBT002 - on the command line it is a flag with a name
        bool, typer.Option("--reveal", help="Show the member's words and contact details; this is recorded.")
    ] = False,
) -> None:
    """One request with its trail."""
    with _register() as session:
        view = by_number(session, number)
        if view is None or view.controller != _controller():
            raise RequestIsUnknownError(f"the register holds no request of the number {number!r}")
        revealed = _reveal(session, view) if show_details else None
        lines = [*_facts(view), *_trail(session, view), *_details(revealed)]
    for line in lines:
        typer.echo(line)


@app.command()
def check() -> None:
    """Do drafts, requests, trails and outbox agree? One line for each contradiction."""
    with _register() as session:
        findings = contradictions(session, now=system_clock())
    for finding in findings:
        typer.echo(finding, err=True)
    if findings:
        raise typer.Exit(FINDINGS_STATUS)
    typer.echo("The register agrees with itself.")


@contextmanager
def _register() -> Iterator[Session]:
    url = make_url(settings.load().database_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        raise BadInputError(f"there is no database {url.database}: `make run` creates it")
    engine = open_engine(url.render_as_string(hide_password=False))
    try:
        if not inspect(engine).has_table("request"):
            raise BadInputError("the database has no register: `make run` migrates it")
        with transaction(engine) as session:
            yield session
    except OperationalError as error:
        # The driver's own text may name host and user of the database; the kind of failure is enough here.
        raise UnavailableError(f"the database does not answer ({type(error.orig).__name__})") from error
    finally:
        engine.dispose()


def _controller() -> str:
    return settings.load().default_policy.partition("/")[0]


def _reveal(session: Session, view: RequestView) -> Revealed:
    vault = Vault.from_settings(settings.load())
    return reveal(session, view.id, vault=vault, actor=f"staff:{getpass.getuser()}", now=system_clock())


def _line(view: RequestView) -> str:
    marks = ("  (without delay)" if view.without_delay else "") + ("  (test)" if view.is_test else "")
    received, due = _moment(view.received_at), view.due.isoformat()
    return f"{view.number}  {view.kind:<18}  {view.state:<16}  {received}  due {due}{marks}"


def _facts(view: RequestView) -> Iterator[str]:
    yield _line(view)
    yield f"scope: {view.scope or '-'}"
    yield f"channel: {view.channel}"
    yield f"contact details: {'given' if view.has_contact else 'missing'}"


def _trail(session: Session, view: RequestView) -> Iterator[str]:
    yield "trail:"
    for event in audit.trail(session, view.id):
        fields = f" ({', '.join(event.fields)})" if event.fields else ""
        yield f"  {event.position}. {_moment(event.at)} {event.actor} {event.action}{fields}"


def _details(revealed: Revealed | None) -> Iterator[str]:
    if revealed is not None:
        for name in ("role", "name", "email", "remarks", "words"):
            yield f"{name}: {getattr(revealed, name) or '-'}"


def _moment(moment: datetime) -> str:
    return f"{in_tokyo(moment):%Y-%m-%d %H:%M:%S} JST"
