"""The list of events: filters, the way to a request by its number, and the list as a file."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

from aiohttp import web
from sqlalchemy.orm import Session

from bot.clock import in_tokyo
from bot.console.audit import checking, words
from bot.console.audit.exporting import FORMATS, Format
from bot.console.audit.filters import PATH, Filter, PeriodIsWrongError, read_filter, read_place, spelled
from bot.console.audit.streaming import send
from bot.console.frame.forms import FormIsWrongError, field
from bot.console.frame.guard import actor_of
from bot.console.frame.paging import PAGE_ROWS, PageOf, cut
from bot.console.frame.parts import Console, console_of
from bot.console.frame.rendering import page, see
from bot.console.requests.case import names_of
from bot.console.requests.words import person
from bot.register.audit import MEMBER, SYSTEM
from bot.register.numbers import read_number
from bot.register.requests import by_number
from bot.register.trail.joined import Place, Sought, TrailRow, list_events
from bot.staff.actor import Actor
from bot.staff.trail import About, StaffAction, note
from bot.storage.engine import reading

_EXPORTED_AT_A_TIME = 1000


@dataclass(frozen=True)
class _Found:
    rows: PageOf[TrailRow]
    names: dict[str, str]
    status: checking.Status


async def show(request: web.Request) -> web.StreamResponse:
    """The list as the address asks for it."""
    return await _draw(request, read_filter(request.query))


async def find_request(request: web.Request) -> web.StreamResponse:
    """The list of one request, by its number: posted, so that no number stands in an address."""
    console, actor = console_of(request), actor_of(request)
    typed = await field(request, "number", most=40)
    number = read_number(typed)
    found = await console.read(lambda session: None if number is None else by_number(session, number))
    if found is None or found.controller != actor.controller:
        return await _draw(request, Filter(), fault="この受付番号の請求はありません。")
    raise see(Filter(request=found.id).address().rstrip("&"))


async def export(request: web.Request) -> web.StreamResponse:
    """Everything that the list shows under its filter, as a file; who took it stands in the trail before it begins."""
    console, actor = console_of(request), actor_of(request)
    given = {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    chosen, form = read_filter(given), FORMATS.get(given.get("format", ""))
    if form is None:
        raise FormIsWrongError("書き出しの形式を選んでください。")
    sought, now = chosen.sought(), console.clock()
    about = About("audit", fields=[form.ending, *sorted(chosen.chosen())])
    await console.write(lambda session: note(session, actor, StaffAction.LIST_EXPORTED, about, now=now))
    file_name = f"audit-{in_tokyo(now):%Y%m%d-%H%M}.{form.ending}"
    return await send(request, _pieces(console, actor, sought, form), media_type=form.media_type, file_name=file_name)


def _pieces(console: Console, actor: Actor, sought: Sought, form: Format) -> Generator[bytes, None, None]:
    # Each piece is a look of its own: a slow download must not keep the database from tidying up.
    with reading(console.engine) as session:
        names = names_of(session, actor.controller)
    yield form.begin
    after: Place | None = None
    while True:
        with reading(console.engine) as session:
            rows = list_events(session, actor.controller, sought, after=after, most=_EXPORTED_AT_A_TIME)
        if not rows:
            return
        yield form.lines(rows, names)
        after = rows[-1].place


async def _draw(request: web.Request, chosen: Filter, *, fault: str = "") -> web.Response:
    console, actor = console_of(request), actor_of(request)
    after = read_place(request.query.get("after", ""))
    try:
        sought = chosen.sought()
    except PeriodIsWrongError as error:
        sought, fault = Sought(), str(error)
    found = await console.read(lambda session: _look(console, session, actor, sought, after))
    about = About("audit", chosen.request or None, fields=sorted(chosen.chosen()))
    await console.write(lambda session: note(session, actor, StaffAction.AUDIT_READ, about, now=console.clock()))
    return page(
        request,
        "audit/list.html",
        {
            "found": found,
            "status": found.status,
            "chosen": chosen,
            "fault": fault,
            "words": words,
            "person": lambda name: person(name, found.names),
            "people": _people(found.names),
            "actions": [("", "すべて"), *words.ACTIONS.items()],
            "sorts": [("", "すべて"), *words.SORTS.items()],
            "path": PATH,
        },
    )


def _look(console: Console, session: Session, actor: Actor, sought: Sought, after: Place | None) -> _Found:
    # First of all: the session sees the database as it was at its first look, which must not be before this one.
    status = checking.status(console, session, actor)
    rows = list_events(session, actor.controller, sought, after=after, most=PAGE_ROWS + 1)
    return _Found(cut(rows, lambda row: spelled(row.place)), names_of(session, actor.controller), status)


def _people(names: dict[str, str]) -> list[tuple[str, str]]:
    fixed = [("", "すべて"), (MEMBER, person(MEMBER, {})), (SYSTEM, person(SYSTEM, {}))]
    return [*fixed, *sorted(names.items(), key=lambda pair: pair[1])]
