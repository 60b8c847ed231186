"""今日: what waits for the desk and for this person, the console's start page.

It names requests by their numbers and says nothing of any member. Who looks after the console alone, and sees no
requests, is shown only what concerns answers and tests.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from aiohttp import web
from sqlalchemy.orm import Session

from bot.clock import in_tokyo
from bot.console.frame.guard import actor_of
from bot.console.frame.parts import Console, console_of
from bot.console.frame.rendering import page, see
from bot.console.inbox.places import place_of
from bot.console.requests import words
from bot.console.requests.access import MayNotError, refuse, require_access
from bot.console.requests.case import names_of
from bot.console.requests.rules import calendar_of
from bot.console.today.answers import Answers, answers_today
from bot.console.today.incidents import OwedReport, owed_reports
from bot.register.agenda import Agenda, agenda
from bot.register.alerts.models import Alert
from bot.register.alerts.standing import acknowledge
from bot.register.deadlines import working_days_left
from bot.register.errors import AlertIsUnknownError
from bot.register.second_halves import HalfSort, SecondHalves, second_halves
from bot.staff.actor import Actor
from bot.staff.roles import Right

HALVES = {
    HalfSort.DECISION: "決定の承認",
    HalfSort.RELEASE: "回答の送付の承認",
    HalfSort.ARRIVAL: "受付日時の確認",
}


@dataclass(frozen=True)
class Today:
    """What the page shows; `agenda` and `halves` only to those who see requests."""

    agenda: Agenda | None
    halves: SecondHalves | None
    answers: Answers
    incidents: tuple[OwedReport, ...]
    names: dict[str, str]


async def show(request: web.Request) -> web.StreamResponse:
    """The page; it does not ask for itself again, or a session in which nobody does anything would never end."""
    return page(request, "today/today.html", await _context(request))


async def take_up(request: web.Request) -> web.StreamResponse:
    """Takes up an alert that needs nothing but to be known."""
    console, actor, alert_id = console_of(request), actor_of(request), request.match_info["id"]
    now = console.clock()

    def step(session: Session) -> None:
        alert = session.get(Alert, alert_id)
        if alert is None or alert.controller != actor.controller:
            raise AlertIsUnknownError("no such alert")
        require_access(session, actor, alert.request_id)
        acknowledge(session, alert_id, actor=actor.id, now=now)

    try:
        await console.write(step)
    except MayNotError as error:
        return await refuse(request, error)
    except AlertIsUnknownError:
        raise web.HTTPNotFound from None
    raise see("/#alerts")


async def _context(request: web.Request) -> dict[str, object]:
    console, actor = console_of(request), actor_of(request)
    now = console.clock()
    is_working_day = await console.read(lambda _: calendar_of(console))
    found = await console.read(lambda session: _look(session, console, actor))

    def left(due: date) -> int:
        return working_days_left(now, due, is_working_day)

    return {
        "found": found,
        "today": in_tokyo(now).date(),
        "left": left,
        "words": words,
        "halves": HALVES,
        "place_of": place_of,
        "person": lambda told: words.person(told, found.names),
        "may_work": actor.has(Right.WORK_REQUESTS),
    }


def _look(session: Session, console: Console, actor: Actor) -> Today:
    answers = answers_today(session, actor, console.settings.default_policy)
    incidents = owed_reports(session, actor, now=console.clock())
    if not actor.has(Right.SEE_REQUESTS):
        return Today(None, None, answers, incidents, {})
    found = agenda(session, actor, now=console.clock(), is_working_day=calendar_of(console))
    return Today(found, second_halves(session, actor), answers, incidents, names_of(session, actor.controller))
