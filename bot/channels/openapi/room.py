"""The published description of what `web` takes and answers, for whoever writes a client of the chat API."""

from __future__ import annotations

from aiohttp import web

from bot.channels.gateway import Gateway
from bot.channels.openapi.document import printed


def routes(_gateway: Gateway) -> list[web.RouteDef]:
    """The document at `/openapi.json`."""

    async def show(_request: web.Request) -> web.Response:
        return web.Response(text=printed(), content_type="application/json", headers={"Cache-Control": "no-cache"})

    return [web.get("/openapi.json", show)]
