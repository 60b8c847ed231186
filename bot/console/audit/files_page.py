"""審査用ファイル: what to choose, and the ZIP as it is made."""

from __future__ import annotations

from datetime import date, datetime
from http import HTTPStatus

from aiohttp import web

from bot.clock import in_tokyo
from bot.console.audit.files.books import Asked, books_of
from bot.console.audit.files.zipping import pieces_of
from bot.console.audit.filters import PeriodIsWrongError, read_day
from bot.console.audit.streaming import send
from bot.console.frame.forms import field
from bot.console.frame.guard import actor_of
from bot.console.frame.parts import console_of
from bot.console.frame.rendering import page
from bot.console.requests.case import names_of
from bot.console.requests.rules import desk_of
from bot.staff.trail import About, StaffAction, note

MOST_YEARS = 5


async def show(request: web.Request) -> web.StreamResponse:
    """The form: the year that ends today, to begin with."""
    today = in_tokyo(console_of(request).clock()).date()
    return _draw(request, _years_before(today, 1).isoformat(), today.isoformat())


async def make(request: web.Request) -> web.StreamResponse:
    """The ZIP of a period; who took it stands in the trail before the first byte leaves."""
    console, actor = console_of(request), actor_of(request)
    since, until = await field(request, "since"), await field(request, "until")
    now = console.clock()
    try:
        first, last = _read_period(since, until, today=in_tokyo(now).date())
    except PeriodIsWrongError as error:
        return _draw(request, since, until, fault=str(error))
    about = About("audit", fields=[f"{first}/{last}"])
    await console.write(lambda session: note(session, actor, StaffAction.AUDIT_FILES_MADE, about, now=now))
    names = await console.read(lambda session: names_of(session, actor.controller))
    asked = Asked(actor.controller, desk_of(console).controller, first, last, now, actor.name, names)
    pieces = pieces_of(books_of(console.engine, asked), asked)
    return await send(request, pieces, media_type="application/zip", file_name=_file_name(asked, now))


def _draw(request: web.Request, since: str, until: str, *, fault: str = "") -> web.Response:
    context = {"since": since, "until": until, "fault": fault, "most_years": MOST_YEARS}
    return page(request, "audit/files.html", context, HTTPStatus.BAD_REQUEST if fault else HTTPStatus.OK)


def _read_period(since: str, until: str, *, today: date) -> tuple[date, date]:
    first, last = read_day(since), read_day(until)
    if first is None or last is None:
        raise PeriodIsWrongError("期間の始まりと終わりを入力してください。")
    if last < first:
        raise PeriodIsWrongError("期間の終わりが始まりより前になっています。")
    if first > today:
        raise PeriodIsWrongError("期間の始まりが今日より後になっています。")
    if first < _years_before(last, MOST_YEARS):
        raise PeriodIsWrongError(f"期間は{MOST_YEARS}年以内にしてください。")
    return first, last


def _years_before(day: date, years: int) -> date:
    if day.year <= years:
        return date.min
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # the 29th of February
        return day.replace(year=day.year - years, day=28)


def _file_name(asked: Asked, now: datetime) -> str:
    return f"audit-files-{asked.first:%Y%m%d}-{asked.last:%Y%m%d}-{in_tokyo(now):%Y%m%d%H%M}.zip"
