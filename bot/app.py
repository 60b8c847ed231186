"""Composes the gateway's web application: every channel's routes, what guards them, what runs beside them."""

from __future__ import annotations

import asyncio
import errno
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

from aiohttp import web

from bot import logs, spans
from bot.channels import dispatcher
from bot.channels.couriers import couriers
from bot.channels.gateway import Gateway, open_gateway
from bot.channels.line import webhook as line_webhook
from bot.channels.openapi import room as openapi
from bot.channels.rates.website import rate_guard
from bot.channels.request_page import page as request_page
from bot.channels.slack import webhook as slack_webhook
from bot.channels.timeline import page as timeline_page
from bot.channels.website import api, chat_page, embed, health, page_rendering, policy_page, widget
from bot.channels.website.access_log import AccessLog
from bot.channels.website.guards import api_guard, readable_headers
from bot.channels.website.problems import numbered, problems
from bot.clearance.check import require_cleared
from bot.errors import BadInputError, MadoguchiError
from bot.settings import load

_LARGEST_BODY = 64 * 1024
_SHUTDOWN_SECONDS = 5.0
_BAD_INPUT_STATUS = 2
_WEBSITE = (api, health, chat_page, widget, embed, policy_page, timeline_page, request_page)
_ROOMS = (*_WEBSITE, openapi, line_webhook, slack_webhook)


def build_app(gateway: Gateway) -> web.Application:
    """The application of one gateway; what runs beside the requests starts and stops with it."""
    # Whatever another site's page sent is refused before it is counted.
    guards = [readable_headers, api_guard(gateway.settings), rate_guard(gateway)]
    edge = [numbered, problems(lambda: gateway.contacts)]
    app = web.Application(client_max_size=_LARGEST_BODY, middlewares=[*edge, *guards])
    page_rendering.install(app, gateway.settings)
    for room in _ROOMS:
        app.add_routes(room.routes(gateway))
    app.cleanup_ctx.append(_beside(gateway))
    return app


def _beside(gateway: Gateway) -> Callable[[web.Application], AsyncIterator[None]]:
    async def beside(_app: web.Application) -> AsyncIterator[None]:
        retrying = asyncio.create_task(dispatcher.keep_answering(gateway))
        async with couriers(gateway):
            yield
        retrying.cancel()
        with suppress(asyncio.CancelledError):
            await retrying
        await gateway.close()

    return beside


def main() -> None:
    """Serves until a signal ends it; what keeps it from starting is told in one line."""
    try:
        settings = load()
        logs.configure(settings.log_level)
        spans.configure(settings.traces_url, "web", share=settings.traces_share)
        require_cleared(settings, "web")
        gateway = open_gateway(settings)
        gateway.houses.start()
        _serve(gateway)
    except MadoguchiError as error:
        print(f"web: {error}", file=sys.stderr)  # noqa: T201 - a process that cannot start says why
        raise SystemExit(_BAD_INPUT_STATUS) from None


def _serve(gateway: Gateway) -> None:
    host, port = gateway.settings.web_host, gateway.settings.web_port
    try:
        web.run_app(
            build_app(gateway),
            host=host,
            port=port,
            access_log_class=AccessLog,
            shutdown_timeout=_SHUTDOWN_SECONDS,
            print=None,
        )
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise BadInputError(f"{host}:{port} is taken (MADOGUCHI_WEB_PORT)") from None


if __name__ == "__main__":
    main()
