"""The console's own server: pages for staff, apart from everything members reach."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import aiohttp
import aiohttp_jinja2
import jinja2
from aiohttp import web

from bot.channels.website.guards import readable_headers
from bot.channels.website.hosts import by_host
from bot.clock import Clock, system_clock
from bot.console.access.routes import ROUTES as ACCESS
from bot.console.audit.routes import ROUTES as AUDIT
from bot.console.calendar.routes import ROUTES as CALENDAR
from bot.console.entry.routes import ROUTES as ENTRY
from bot.console.export.routes import ROUTES as EXPORT
from bot.console.frame import errors, guard, headers, wording
from bot.console.frame.background import Background
from bot.console.frame.parts import CONSOLE, Console
from bot.console.frame.routes import Route, open_to_all, register
from bot.console.improving.routes import ROUTES as IMPROVING
from bot.console.inbox.routes import ROUTES as INBOX
from bot.console.launch.routes import ROUTES as LAUNCH
from bot.console.overview.routes import ROUTES as OVERVIEW
from bot.console.people.routes import ROUTES as PEOPLE
from bot.console.policies.routes import ROUTES as POLICIES
from bot.console.requests.routes import ROUTES as REQUESTS
from bot.console.talks.routes import ROUTES as TALKS
from bot.console.testing.routes import ROUTES as TESTING
from bot.console.today.routes import ROUTES as TODAY
from bot.console.trying.routes import ROUTES as TRYING
from bot.console.trying.tools import open_tools
from bot.controllers import host_of
from bot.settings import Settings
from bot.storage.encryption import Vault
from bot.storage.engine import close
from bot.storage.own_rows import open_own_engine

_HERE = Path(__file__).parent
# Uploads of a request are at most this large (`bot.register.thread.files`), and a form has several fields beside.
_MOST_BYTES = 12 * 1024 * 1024


async def _healthz(_request: web.Request) -> web.Response:
    return web.json_response({"alive": True})


ROUTES: tuple[Route, ...] = (
    open_to_all("GET", "/healthz", _healthz),
    *ACCESS,
    *AUDIT,
    *TODAY,
    *CALENDAR,
    *IMPROVING,
    *INBOX,
    *ENTRY,
    *EXPORT,
    *PEOPLE,
    *POLICIES,
    *REQUESTS,
    *TALKS,
    *OVERVIEW,
    *TESTING,
    *TRYING,
    *LAUNCH,
)
"""Every route of the console, each with the right it needs."""


def build_apps(served: Sequence[Settings]) -> web.Application:
    """The consoles of all controllers behind one port: the host that staff ask for says whose it is.

    Raises:
        BadInputError: a key is missing.
    """
    if len(served) == 1:
        return build_app(served[0])
    apps = {host_of(settings.console_url): build_app(settings) for settings in served}
    return by_host(apps, [web.get("/healthz", _healthz)], largest_body=_MOST_BYTES)


def build_app(settings: Settings, clock: Clock = system_clock) -> web.Application:
    """The console of one controller, ready to be served.

    Raises:
        BadInputError: a key is missing.
    """
    app = web.Application(
        client_max_size=_MOST_BYTES,
        middlewares=[
            errors.tell_errors,
            readable_headers,
            guard.require_right,
            guard.require_storable_address,
            guard.require_own_post,
        ],
    )
    app.cleanup_ctx.append(_parts(settings, clock, Vault.from_settings(settings)))
    app.cleanup_ctx.append(open_tools)
    app.on_response_prepare.append(headers.add_headers)
    environment = aiohttp_jinja2.setup(
        app,
        loader=jinja2.ChoiceLoader(
            [
                jinja2.FileSystemLoader(_HERE / "templates"),
                # The policy is laid out here as members see it.
                jinja2.PrefixLoader({"shared": jinja2.FileSystemLoader(_HERE.parent / "web" / "templates")}),
            ]
        ),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(wording.FILTERS)
    register(app, ROUTES)
    # Colours, type and buttons are the same as on members' pages.
    app.router.add_static("/static/shared/", _HERE.parent / "web" / "static")
    app.router.add_static("/static/", _HERE / "static")
    return app


def _parts(settings: Settings, clock: Clock, vault: Vault) -> Callable[[web.Application], AsyncIterator[None]]:
    async def parts(app: web.Application) -> AsyncIterator[None]:
        engine = open_own_engine(settings)
        async with aiohttp.ClientSession() as http:
            app[CONSOLE] = Console(
                settings=settings, clock=clock, engine=engine, vault=vault, http=http, background=Background(clock)
            )
            yield
        await asyncio.to_thread(close, engine)

    return parts
