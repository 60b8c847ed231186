"""The chat as a page of its own."""

from __future__ import annotations

from aiohttp import web

from bot.channels.gateway import Gateway
from bot.channels.website.page_rendering import page
from bot.channels.website.security_headers import CHAT_POLICY
from bot.channels.website.sessions import cookie_name
from bot.clock import in_tokyo
from bot.desk import load_desk
from bot.policy.documents import policy_folder
from bot.policy.versions import version_in_force


def routes(gateway: Gateway) -> list[web.RouteDef]:
    """The page at `/`."""
    settings = gateway.settings
    policy_id = settings.default_policy
    desk = load_desk(policy_folder(settings.corpus_dir, policy_id))
    version = version_in_force(settings.corpus_dir, policy_id, in_tokyo(gateway.clock()).date())
    content = {
        "service": desk.service,
        "mails": [entry.email for entry in desk.desks if entry.email],
        "policy_path": f"/policy/{policy_id}/{version}",
    }

    async def show_chat(request: web.Request) -> web.Response:
        session = "known" if cookie_name(settings) in request.cookies else "none"
        return page(request, "chat.html", {**content, "session": session}, content_policy=CHAT_POLICY)

    return [web.get("/", show_chat)]
