"""The console's own small server: pages for staff, apart from everything members reach."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import aiohttp
import aiohttp_jinja2
import jinja2
from aiohttp import web

from bot.clock import Clock, system_clock
from bot.console import login, security, try_page
from bot.console.parts import CONSOLE, Console
from bot.console.rasa_parse import RasaParser
from bot.console.sessions import FailedLogins, Sessions
from bot.console.trial import LazyAssistant
from bot.errors import BadInputError
from bot.settings import Settings

_HERE = Path(__file__).parent
_MOST_BYTES = 64 * 1024


def build_app(settings: Settings, clock: Clock = system_clock) -> web.Application:
    """The console, ready to be served.

    Raises:
        BadInputError: no token is set; a console that anybody can open shall not start.
    """
    if not settings.console_token.get_secret_value():
        raise BadInputError("MADOGUCHI_CONSOLE_TOKEN is not set; the console needs it (`make run` writes one)")
    sessions = Sessions(clock)
    app = web.Application(
        client_max_size=_MOST_BYTES,
        middlewares=[security.require_same_origin, security.require_session(sessions)],
    )
    app.cleanup_ctx.append(_parts(settings, clock, sessions))
    app.on_response_prepare.append(security.add_headers)
    aiohttp_jinja2.setup(app, loader=jinja2.FileSystemLoader(_HERE / "templates"))
    app.add_routes([*login.ROUTES, *try_page.ROUTES, web.get("/healthz", _healthz)])
    app.router.add_static("/static/", _HERE / "static")
    return app


def _parts(settings: Settings, clock: Clock, sessions: Sessions) -> Callable[[web.Application], AsyncIterator[None]]:
    async def parts(app: web.Application) -> AsyncIterator[None]:
        async with aiohttp.ClientSession() as http:
            app[CONSOLE] = Console(
                settings=settings,
                clock=clock,
                sessions=sessions,
                failed_logins=FailedLogins(clock),
                parser=RasaParser(settings, http),
                assistant=LazyAssistant(settings),
            )
            yield

    return parts


async def _healthz(_request: web.Request) -> web.Response:
    return web.json_response({"alive": True})
