"""Several controllers behind one port: the host that a request names says whose pages it gets.

All pages have absolute paths, and a browser keeps its cookies by host, so that a host of its own keeps everything of a
controller apart: session, pages, webhooks with their secrets. Whoever names no host of theirs gets none of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from bot.channels.website.problems import problem
from bot.references import new_reference

_NOBODYS = "このアドレスには、窓口がありません。アドレスをお確かめください。"


def by_host(
    apps: Mapping[str, web.Application], on_any_host: Sequence[web.RouteDef], *, largest_body: int
) -> web.Application:
    """One application for all of them.

    Args:
        apps: what answers, by host.
        on_any_host: what this process says of itself, to whoever asks it by its address.
        largest_body: how many bytes a request may have; it holds for all of them.
    """
    app = web.Application(client_max_size=largest_body, middlewares=[_no_other_host(on_any_host)])
    for host, each in apps.items():
        app.add_domain(host, each)
    app.add_routes(on_any_host)
    return app


def _no_other_host(on_any_host: Sequence[web.RouteDef]) -> Middleware:
    open_paths = frozenset(route.path for route in on_any_host)

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        # Only what no domain took is left to the application around them.
        if request.match_info.apps[-1] is not request.app or request.path in open_paths:
            return await handler(request)
        # RFC 9110, 15.5.20: this server is not to answer for that host. A 404 would be somebody's page that is missing.
        return problem(web.HTTPMisdirectedRequest.status_code, _NOBODYS, reference=new_reference())

    return guard
