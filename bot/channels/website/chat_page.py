"""The chat as a page of its own."""

from __future__ import annotations

from aiohttp import web

from bot.channels.gateway import Gateway
from bot.channels.website.page_rendering import page
from bot.channels.website.security_headers import CHAT_POLICY
from bot.channels.website.sessions import cookie_name
from bot.settings import Settings


def routes(gateway: Gateway) -> list[web.RouteDef]:
    """The page at `/`."""

    async def show_chat(request: web.Request) -> web.Response:
        shown = {**around_chat(gateway), "session": session_of(request, gateway.settings)}
        return page(request, "chat.html", shown, content_policy=CHAT_POLICY)

    return [web.get("/", show_chat)]


def around_chat(gateway: Gateway) -> dict[str, object]:
    """What stands around the chat wherever it is shown: whose it is, the policy, and where to turn without it."""
    house = gateway.house
    return {
        "service": house.desk.service,
        "mails": [entry.email for entry in house.desk.desks if entry.email],
        "policy_path": f"/policy/{house.policy.id}/{house.policy.version}",
    }


def session_of(request: web.Request, settings: Settings) -> str:
    """Whether the browser brings a session: `known`, whose history can be asked for, or `none`."""
    return "known" if cookie_name(settings) in request.cookies else "none"
