"""Whether the chains are whole: the piece of the page that says so, and beginning a look."""

from __future__ import annotations

from aiohttp import web

from bot.console.audit import checking, words
from bot.console.audit.filters import PATH
from bot.console.frame.guard import actor_of
from bot.console.frame.parts import console_of
from bot.console.frame.rendering import page, see


async def verify(request: web.Request) -> web.StreamResponse:
    """Begins to look at every event; the page says how far it has come."""
    console, actor = console_of(request), actor_of(request)
    checking.begin(console, actor)
    raise see(PATH)


async def show_status(request: web.Request) -> web.StreamResponse:
    """The piece alone, for whoever waits."""
    console, actor = console_of(request), actor_of(request)
    status = await console.read(lambda session: checking.status(console, session, actor))
    return page(request, "audit/_status.html", {"status": status, "words": words})
