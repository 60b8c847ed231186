"""Composes the gateway's web application: every channel's routes, what guards them, what runs beside them."""

from __future__ import annotations

import asyncio
import errno
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress

from aiohttp import web

from bot import logs, spans
from bot.channels import dispatcher
from bot.channels.couriers import couriers
from bot.channels.gateway import Gateway, open_gateways
from bot.channels.line import webhook as line_webhook
from bot.channels.openapi import room as openapi
from bot.channels.rates.website import rate_guard
from bot.channels.request_page import page as request_page
from bot.channels.slack import webhook as slack_webhook
from bot.channels.timeline import page as timeline_page
from bot.channels.website import api, chat_page, embed, health, page_rendering, policy_page, widget
from bot.channels.website.access_log import AccessLog
from bot.channels.website.guards import api_guard, readable_headers
from bot.channels.website.hosts import by_host
from bot.channels.website.problems import numbered, problems
from bot.clearance.check import require_cleared
from bot.controllers import host_of, load_controllers
from bot.errors import BadInputError, MadoguchiError

_LARGEST_BODY = 64 * 1024
# A page waits for its turn for 17 seconds at most; whoever restarts one web after the other keeps nobody's from it.
_SHUTDOWN_SECONDS = 20.0
_BAD_INPUT_STATUS = 2
_WEBSITE = (api, chat_page, widget, embed, policy_page, timeline_page, request_page)
_ROOMS = (*_WEBSITE, openapi, line_webhook, slack_webhook)


def build_app(gateway: Gateway, *further: Gateway) -> web.Application:
    """The application of one process; what runs beside the requests starts and stops with it.

    Args:
        gateway: of the first controller.
        further: those of the others; then the host of a request decides whose pages it gets.
    """
    gateways = (gateway, *further)
    of_process = health.routes(*gateways)
    if not further:
        return _build_one(gateway, of_process)
    apps = {host_of(each.settings.public_url): _build_one(each, of_process) for each in gateways}
    return by_host(apps, of_process, largest_body=_LARGEST_BODY)


def _build_one(gateway: Gateway, of_process: Sequence[web.RouteDef]) -> web.Application:
    # Whatever another site's page sent is refused before it is counted.
    guards = [readable_headers, api_guard(gateway.settings), rate_guard(gateway)]
    edge = [numbered, problems(lambda: gateway.contacts)]
    app = web.Application(client_max_size=_LARGEST_BODY, middlewares=[*edge, *guards])
    page_rendering.install(app, gateway.settings, lambda: gateway.desk.service)
    app.add_routes(of_process)
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
        first, *_ = served = load_controllers()
        logs.configure(first.log_level)
        spans.configure(first.traces_url, "web", share=first.traces_share)
        for settings in served:
            require_cleared(settings, "web")
        gateways = open_gateways(served)
        for gateway in gateways:
            gateway.houses.start()
        _serve(*gateways)
    except MadoguchiError as error:
        print(f"web: {error}", file=sys.stderr)  # noqa: T201 - a process that cannot start says why
        raise SystemExit(_BAD_INPUT_STATUS) from None


def _serve(*gateways: Gateway) -> None:
    host, port = gateways[0].settings.web_host, gateways[0].settings.web_port
    try:
        web.run_app(
            build_app(*gateways),
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
