"""What staff do with a request between its arrival and its end, beside deciding it and writing to its member."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.commands.register_session import As, Number, acting, person_of
from bot.register import casework
from bot.register.decisions.linking import link as link_them
from bot.register.decisions.models import LinkSort
from bot.register.models import ReplyBy
from bot.register.requests import withdraw as withdraw_it

app = typer.Typer()


@app.command()
def assign(
    number: Number,
    to: Annotated[str, typer.Argument(metavar="STAFF_ID", help="Who looks after it from now on.")],
    as_: As = "",
) -> None:
    """Gives a request to a member of staff, who is told of what happens to it."""
    with acting(as_) as act:
        assignee = person_of(to, act.staff)
        casework.assign(act.session, act.request(number).id, assignee, actor=act.actor, now=act.now)
        act.say(f"{act.request(number).number}: {assignee}")


@app.command()
def urgent(
    number: Number,
    *,
    on: Annotated[bool, typer.Option("--on/--off", help="Set the mark, or take it off.")] = True,
    as_: As = "",
) -> None:
    """Marks a request as one to be worked on first; its dates stay as they are."""
    with acting(as_) as act:
        casework.set_urgent(act.session, act.request(number).id, urgent=on, actor=act.actor, now=act.now)
        act.say(f"{act.request(number).number}: {'urgent' if on else 'not urgent'}")


@app.command()
def begin(number: Number, as_: As = "") -> None:
    """Takes a request into review."""
    with acting(as_) as act:
        casework.begin_review(act.session, act.request(number).id, actor=act.actor, now=act.now)
        act.say_standing(number)


@app.command()
def link(
    number: Number,
    other: Annotated[str, typer.Argument(metavar="OTHER", help="What it duplicates, follows or complains about.")],
    sort: Annotated[LinkSort, typer.Option(help="How they belong together.")],
    as_: As = "",
) -> None:
    """Notes that two requests belong together; it changes neither."""
    with acting(as_) as act:
        one, two = act.request(number), act.request(other)
        link_them(act.session, one.id, two.id, sort, actor=act.actor, now=act.now)
        act.say(f"{one.number}: {sort} {two.number}")


@app.command()
def notify(
    number: Number,
    by: Annotated[ReplyBy, typer.Option(help="How the member was told.")],
    as_: As = "",
) -> None:
    """Notes that staff themselves told the member what was decided, by telephone or by post."""
    with acting(as_) as act:
        casework.note_told(act.session, act.request(number).id, by, actor=act.actor, now=act.now)
        act.say_standing(number)


@app.command()
def close(number: Number, as_: As = "") -> None:
    """Ends a request whose member has been told, once all that was decided is done and handed over."""
    with acting(as_) as act:
        casework.close(act.session, act.request(number).id, actor=act.actor, now=act.now)
        act.say_standing(number)


@app.command()
def withdraw(
    number: Number,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="The member has confirmed it; do not ask.")] = False,
    as_: As = "",
) -> None:
    """Takes a request back because its member said so; possible until it is decided, and not undone."""
    if not yes:
        typer.confirm(f"Has the member confirmed that {number} is taken back?", abort=True)
    with acting(as_) as act:
        withdraw_it(act.session, act.request(number).id, now=act.now, actor=act.actor)
        act.say_standing(number)
