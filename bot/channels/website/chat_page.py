"""The chat as a page of its own."""

from __future__ import annotations

from aiohttp import web

from bot.channels.gateway import Gateway
from bot.channels.website.page_rendering import page
from bot.channels.website.security_headers import CHAT_POLICY
from bot.channels.website.sessions import cookie_name
from bot.clock import in_tokyo
from bot.policy.versions import version_in_force
from bot.settings import Settings


def routes(gateway: Gateway) -> list[web.RouteDef]:
    """The page at `/`."""
    content = around_chat(gateway)

    async def show_chat(request: web.Request) -> web.Response:
        shown = {**content, "session": session_of(request, gateway.settings)}
        return page(request, "chat.html", shown, content_policy=CHAT_POLICY)

    return [web.get("/", show_chat)]


def around_chat(gateway: Gateway) -> dict[str, object]:
    """What stands around the chat wherever it is shown: whose it is, the policy, and where to turn without it."""
    settings = gateway.settings
    policy_id = settings.default_policy
    version = version_in_force(settings.corpus_dir, policy_id, in_tokyo(gateway.clock()).date())
    return {
        "service": gateway.desk.service,
        "mails": [entry.email for entry in gateway.desk.desks if entry.email],
        "policy_path": f"/policy/{policy_id}/{version}",
    }


def session_of(request: web.Request, settings: Settings) -> str:
    """Whether the browser brings a session: `known`, whose history can be asked for, or `none`."""
    return "known" if cookie_name(settings) in request.cookies else "none"
