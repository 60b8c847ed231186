"""準備状況: what is left to do before real requests may be taken."""

from __future__ import annotations

import asyncio
from functools import partial
from itertools import groupby

from aiohttp import web

from bot.clearance.check import look
from bot.clearance.items import State
from bot.console.frame.parts import console_of
from bot.console.frame.rendering import page
from bot.console.frame.routes import Route, get, open_to_all
from bot.console.launch import demo
from bot.staff.roles import Right


async def _show(request: web.Request) -> web.Response:
    console = console_of(request)
    items = await asyncio.to_thread(partial(look, console.settings, clock=console.clock))
    context = {
        "groups": [(group, list(members)) for group, members in groupby(items, key=lambda item: item.group)],
        "left": sum(item.state is not State.GREEN for item in items),
        "total": len(items),
        "is_production": console.settings.mode == "production",
    }
    return page(request, "launch/list.html", context)


ROUTES: tuple[Route, ...] = (
    get("/launch", _show, Right.READ_AUDIT),
    open_to_all("GET", demo.PATH, demo.show),
    open_to_all("POST", demo.PATH, demo.submit),
)
