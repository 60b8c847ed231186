"""One line a request: what was asked of us and how it ended, without anything a person may have put in the address."""

from __future__ import annotations

import structlog
from aiohttp import web
from aiohttp.abc import AbstractAccessLogger

log = structlog.get_logger()

# Asked by machines every few seconds; what they hear is in their own figures, and would bury what people asked.
_PROBES = frozenset({"/healthz", "/readyz", "/metrics"})


class AccessLog(AbstractAccessLogger):
    """Names the route, never the path: a path may hold a token or whatever was typed into the address bar."""

    def log(self, request: web.BaseRequest, response: web.StreamResponse, time: float) -> None:
        """Writes the line; that of a probe only where everything is logged."""
        route = _route(request)
        write = log.debug if route in _PROBES else log.info
        write(
            "request",
            method=request.method,
            route=route,
            status=response.status,
            ms=round(time * 1000, 1),
        )


def _route(request: web.BaseRequest) -> str:
    resource = request.match_info.route.resource if isinstance(request, web.Request) else None
    return resource.canonical if resource is not None else "unknown"
