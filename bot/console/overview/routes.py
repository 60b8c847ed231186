"""概況: the desk in numbers, from its own tables, without anybody's words."""

from __future__ import annotations

from aiohttp import web

from bot.clock import in_tokyo
from bot.console.charts.series import bars, lines
from bot.console.frame.parts import console_of
from bot.console.frame.rendering import page
from bot.console.frame.routes import Route, get
from bot.console.overview.numbers import PERIODS, overview
from bot.console.overview.requests import AGES
from bot.console.requests.words import KINDS, STATES
from bot.staff.roles import Right


async def show(request: web.Request) -> web.StreamResponse:
    """The page of the period that the address names."""
    console = console_of(request)
    given = request.query.get("days", "")
    days = next((each for each in PERIODS if str(each) == given), PERIODS[1])
    today = in_tokyo(console.clock()).date()
    told = await console.read(lambda session: overview(session, console.controller, days, today))
    context = {"told": told, "days": days, "periods": PERIODS, "bars": bars, "lines": lines}
    context |= {"kinds": KINDS, "states": STATES, "ages": AGES}
    return page(request, "overview/overview.html", context)


ROUTES: tuple[Route, ...] = (get("/overview", show, Right.LOOK),)
"""Every route of this room."""
