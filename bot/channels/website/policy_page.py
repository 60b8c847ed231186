"""The stored policy to read: where every citation leads, with the quoted words highlighted without any script."""

from __future__ import annotations

import asyncio
from functools import lru_cache
from pathlib import Path

from aiohttp import web

from bot.channels.gateway import Gateway
from bot.channels.website.page_rendering import not_found_page, page
from bot.channels.website.policy_layout import lay_out, read_marks
from bot.policy.documents import load_policy
from bot.policy.faults import PolicyIsUnknownError
from bot.policy.model import Policy

_PATH = "/policy/{controller:[a-z0-9-]+}/{policy:[a-z0-9-]+}/{version:[A-Za-z0-9_-]+}"
_VERSIONS_KEPT = 16

# The text of a version never changes (its hash is proven at every load), but its structure may be put right by a
# release: a browser may keep it but must ask first.
_ASK_FIRST = {"Cache-Control": "no-cache"}


def routes(gateway: Gateway) -> list[web.RouteDef]:
    """The policy as a page and as the text it was obtained as."""
    shipped = gateway.settings.corpus_dir

    @lru_cache(maxsize=_VERSIONS_KEPT)
    def load(corpus: Path, policy_id: str, version: str) -> Policy:
        return load_policy(corpus, policy_id, version)

    def load_in_force(policy_id: str, version: str) -> Policy:
        try:
            return load(gateway.house.found.corpus, policy_id, version)
        except PolicyIsUnknownError:
            # An old citation may lead to a version, and a link to another policy, that only the repository has.
            return load(shipped, policy_id, version)

    async def policy_of(request: web.Request) -> Policy:
        path = request.match_info
        # Where several companies are served, each has its own documents on its own pages.
        if gateway.settings.controllers_dir is not None and path["controller"] != gateway.controller:
            raise PolicyIsUnknownError("this company has no such document")
        return await asyncio.to_thread(load_in_force, f"{path['controller']}/{path['policy']}", path["version"])

    async def show_page(request: web.Request) -> web.Response:
        try:
            policy = await policy_of(request)
        except PolicyIsUnknownError:
            return not_found_page(request)
        marks = read_marks(request.query.getall("mark", []), len(policy.text))
        response = page(request, "policy.html", {"policy": policy, "units": lay_out(policy, marks)})
        response.headers.update(_ASK_FIRST)
        return response

    async def show_text(request: web.Request) -> web.Response:
        try:
            policy = await policy_of(request)
        except PolicyIsUnknownError:
            return not_found_page(request)
        return web.Response(text=policy.text, content_type="text/plain", charset="utf-8", headers=_ASK_FIRST)

    return [web.get(f"{_PATH}.txt", show_text), web.get(_PATH, show_page)]
