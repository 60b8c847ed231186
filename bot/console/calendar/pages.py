"""カレンダー: a month of last days by both clocks, one day's list, and the month as a file."""

from __future__ import annotations

from datetime import date

from aiohttp import web
from sqlalchemy.orm import Session

from bot.clock import in_tokyo
from bot.console.calendar.file import calendar_file, told
from bot.console.calendar.month import DayCell, Month, closed_mark, month_of, read_day, read_month, weeks_of
from bot.console.frame.guard import actor_of
from bot.console.frame.paging import PAGE_ROWS, PageOf, cut
from bot.console.frame.parts import Console, console_of
from bot.console.frame.rendering import page
from bot.console.inbox.places import arrival_place, place_of
from bot.console.requests import words
from bot.console.requests.case import names_of
from bot.console.requests.rules import calendar_of, desk_of
from bot.register.agenda import Task
from bot.register.alerts.closures import Closure, coming_closure
from bot.register.due_days import DueCount, due_counts, due_on
from bot.staff.actor import Actor

_FILE = "text/calendar"


async def show_this_month(request: web.Request) -> web.StreamResponse:
    """The month in which today lies."""
    return await _show_month(request, month_of(_today(console_of(request))))


async def show(request: web.Request) -> web.StreamResponse:
    """The month or the day that the address names."""
    named = request.match_info["day"]
    day = read_day(named)
    if day is not None:
        return await _show_day(request, day)
    return await _show_month(request, _month(named))


async def download(request: web.Request) -> web.StreamResponse:
    """The month as a file; it holds numbers and days alone."""
    console, actor = console_of(request), actor_of(request)
    days = _month(request.match_info["day"]).days
    due = await console.read(lambda session: due_counts(session, actor, days[0], days[-1]))
    content = calendar_file(due, controller=console.controller, made_at=console.clock())
    name = f'attachment; filename="due-{request.match_info["day"]}.ics"'
    return web.Response(body=content, content_type=_FILE, charset="utf-8", headers={"Content-Disposition": name})


async def _show_month(request: web.Request, month: Month) -> web.StreamResponse:
    console, actor = console_of(request), actor_of(request)
    today = _today(console)

    def look(session: Session) -> tuple[list[list[DayCell]], Closure | None, int]:
        due = due_counts(session, actor, month.days[0], month.days[-1])
        closure = coming_closure(today, calendar_of(console))
        sheet = weeks_of(month, due, desk=desk_of(console), today=today)
        return sheet, closure, _due_while(session, actor, closure)

    sheet, closure, due_while_closed = await console.read(look)
    context = {
        "month": month,
        "this_month": month_of(today),
        "weeks": sheet,
        "closure": closure,
        "due_while_closed": due_while_closed,
        "told": told,
    }
    return page(request, "calendar/month.html", context)


async def _show_day(request: web.Request, day: date) -> web.StreamResponse:
    console, actor = console_of(request), actor_of(request)
    after = arrival_place(request.query.get("after", ""))

    def look(session: Session) -> tuple[PageOf[Task], dict[str, str], DueCount]:
        rows = due_on(session, actor, day, after=after, most=PAGE_ROWS + 1)
        count = due_counts(session, actor, day, day).get(day, DueCount())
        return (
            cut(rows, lambda row: (row.since.isoformat(), row.id), PAGE_ROWS),
            names_of(session, actor.controller),
            count,
        )

    found, names, count = await console.read(look)
    context = {
        "day": day,
        "month": month_of(day),
        "mark": closed_mark(desk_of(console), day),
        "found": found,
        "count": count,
        "place_of": place_of,
        "words": words,
        "person": lambda told: words.person(told, names),
    }
    return page(request, "calendar/day.html", context)


def _due_while(session: Session, actor: Actor, closure: Closure | None) -> int:
    if closure is None:
        return 0
    return sum(count.from_arrival for count in due_counts(session, actor, closure.first, closure.last).values())


def _month(text: str) -> Month:
    month = read_month(text)
    if month is None:
        raise web.HTTPNotFound
    return month


def _today(console: Console) -> date:
    return in_tokyo(console.clock()).date()
