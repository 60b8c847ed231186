"""回帰テスト: the sets, one set with its trend, and the press that runs them."""

from __future__ import annotations

import asyncio

from aiohttp import web
from sqlalchemy.orm import Session

from bot.console.frame.forms import FormIsWrongError, field, fields
from bot.console.frame.guard import actor_of
from bot.console.frame.paging import cut, read
from bot.console.frame.parts import Console, console_of
from bot.console.frame.rendering import page, see
from bot.console.requests.case import names_of
from bot.console.testing import shelf, work
from bot.console.testing.chart import trend_of
from bot.console.testing.titles import wanted
from bot.console.trying.tools import tools_of
from bot.errors import BadInputError
from bot.evaluation.regression.files import find_set
from bot.evaluation.runs import reading, store
from bot.evaluation.runs.reading import Standing
from bot.evaluation.runs.store import Order
from bot.evaluation.runs.subject import Subject
from bot.staff.trail import About, StaffAction, note

_SUBJECTS = (("live", "公開中"), ("candidate", "公開候補"))


async def show_sets(request: web.Request) -> web.Response:
    """Every set with its latest run, and how the candidate stands."""
    console = console_of(request)
    sets = await asyncio.to_thread(shelf.read_all, console)
    candidate = await asyncio.to_thread(_candidate, request)
    scope = shelf.scope_of(console)

    def look(session: Session) -> dict[str, object]:
        shelved = shelf.with_runs(session, scope, sets)
        runs = reading.list_runs(session, scope, most=10)[:10]
        standing = _standing(session, console, candidate, sets)
        return {"shelf": shelved, "runs": runs, "names": names_of(session, console.controller), "standing": standing}

    await shelf.mark_interrupted(console)
    found = await console.read(look)
    subjects = [pair for pair in _SUBJECTS if pair[0] == "live" or candidate is not None]
    return page(request, "testing/sets.html", found | _words() | {"subjects": subjects})


async def show_set(request: web.Request) -> web.Response:
    """One set: its cases, its runs, and their trend."""
    console, name = console_of(request), request.match_info["name"]
    scope, place = shelf.scope_of(console), read(request.query.get("after", ""), 2)
    settings = console.settings
    regression_set = await asyncio.to_thread(find_set, settings.regression_dir, settings.default_policy, name)
    after = (str(place[0]), str(place[1])) if place else None

    def look(session: Session) -> dict[str, object]:
        runs = reading.list_runs(session, scope, set_name=name, after=after)
        trend = reading.trend(session, scope, name)
        return {"runs": cut(runs, lambda run: [run.started_at.isoformat(), run.id]), "trend": trend} | {
            "names": names_of(session, console.controller),
            "chart": trend_of(trend),
        }

    found = await console.read(look)
    return page(request, "testing/set.html", found | _words() | {"set": regression_set})


async def run(request: web.Request) -> web.Response:
    """Asks for runs of the chosen sets, and begins."""
    console, tools, actor = console_of(request), tools_of(request), actor_of(request)
    sort = await field(request, "subject", most=16)
    chosen = await fields(request, "set")
    sets = await asyncio.to_thread(shelf.read_all, console)
    wanted = [each for each in shelf.readable(sets) if each.name in chosen]
    if not wanted:
        raise FormIsWrongError("実行するセットを選んでください。")
    subject = await asyncio.to_thread(tools.subjects.find, "candidate" if sort == "candidate" else "live")
    order = Order(console.controller, actor.id, tools.holder, subject)

    def ask(session: Session) -> str:
        now = console.clock()
        batch = store.queue(session, order, wanted, now=now)
        names = [each.name for each in wanted]
        note(session, actor, StaffAction.TESTS_RUN, About("batch", batch, fields=[subject.sort, *names]), now=now)
        return batch

    batch = await console.write(ask)
    work.start(console, tools)
    raise see(f"/tests/batches/{batch}")


def _words() -> dict[str, object]:
    return {"states": shelf.STATES, "ways": shelf.WAYS, "verdict_of": shelf.verdict_of, "wanted": wanted}


def _candidate(request: web.Request) -> Subject | None:
    try:
        return tools_of(request).subjects.find("candidate")
    except BadInputError:
        return None


def _standing(
    session: Session, console: Console, candidate: Subject | None, sets: list[shelf.Shelved]
) -> Standing | None:
    if candidate is None:
        return None
    return reading.standing(session, shelf.scope_of(console), candidate.digest, shelf.readable(sets))
