"""試す: 正しい・誤り with a reason, and the list of what was said so."""

from __future__ import annotations

from datetime import datetime

from aiohttp import web

from bot.console.frame.forms import field
from bot.console.frame.guard import actor_of
from bot.console.frame.paging import PlaceIsWrongError, cut, read
from bot.console.frame.parts import console_of
from bot.console.frame.rendering import page, see
from bot.console.requests.case import names_of
from bot.console.testing.shelf import scope_of
from bot.console.trying import verdicts
from bot.console.trying.verdicts import Given
from bot.console.trying.words import MESSAGE_KINDS
from bot.evaluation.runs.subject import TITLES

LIST = "/try/verdicts"
_ROWS = 30
_MOST = 1000


async def give(request: web.Request) -> web.StreamResponse:
    """Keeps what somebody thinks of an answer."""
    console, actor = console_of(request), actor_of(request)
    given = Given(
        is_right=await field(request, "is_right") == "1",
        question=await field(request, "question", most=_MOST, needed="質問"),
        reason=await field(request, "reason", most=_MOST),
        kind=(await field(request, "kind", most=16)),
        sections=tuple((await field(request, "sections", most=500)).split()),
        subject=await field(request, "subject", most=16),
        digest=await field(request, "digest", most=64),
    )
    scope, now = scope_of(console), console.clock()
    await console.write(lambda session: verdicts.keep(session, scope, actor.id, given, vault=console.vault, now=now))
    raise see(LIST)


async def show(request: web.Request) -> web.Response:
    """The verdicts, the latest first."""
    console = console_of(request)
    place = read(request.query.get("after", ""), 2)
    after = (_moment(str(place[0])), str(place[1])) if place else None
    scope = scope_of(console)
    rows, names = await console.read(
        lambda session: (
            verdicts.listed(session, scope, vault=console.vault, after=after, most=_ROWS),
            names_of(session, console.controller),
        )
    )
    found = cut(rows, lambda row: [row.at.isoformat(), row.id], _ROWS)
    context = {"verdicts": found, "names": names, "kinds": MESSAGE_KINDS, "subjects": TITLES}
    return page(request, "trying/verdicts.html", context)


async def drop(request: web.Request) -> web.StreamResponse:
    """Deletes one."""
    console = console_of(request)
    verdict_id, scope = request.match_info["id"], scope_of(console)
    await console.write(lambda session: verdicts.drop(session, scope, verdict_id))
    raise see(LIST)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise PlaceIsWrongError("一覧の続きの指定が正しくありません") from None
    if moment.tzinfo is None:
        raise PlaceIsWrongError("一覧の続きの指定が正しくありません")
    return moment
