"""Limits at the website's doors: new chats, messages, what the pages of requests send. Codes count elsewhere."""

from __future__ import annotations

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

from bot.channels.gateway import Gateway
from bot.channels.rates.addresses import Addresses
from bot.channels.rates.backlog import expect_room
from bot.channels.rates.limit import Limit
from bot.channels.website.problems import API
from bot.channels.website.sessions import cookie_name

_SESSIONS = API + "conversations"
_MESSAGES = API + "messages"
_PAGES = "/request/"


def rate_guard(gateway: Gateway) -> Middleware:
    """Counts what changes something, before its body is read; looking and deleting are never refused.

    What the API may learn to take one day counts as a message, so that nothing new comes without a limit.

    Raises:
        BadInputError: the settings name a storage that cannot be used.
    """
    # Taken here, so that a storage that cannot be used keeps the process from starting.
    limiter, addresses = gateway.limiter, Addresses.of(gateway.settings, gateway.vault)

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        wanted = _wanted(gateway, addresses, request)
        if wanted:
            await limiter.admit(*wanted)
        if request.method == hdrs.METH_POST and request.path == _MESSAGES:
            await expect_room(gateway)
        return await handler(request)

    return guard


def _wanted(gateway: Gateway, addresses: Addresses, request: web.Request) -> list[tuple[Limit, str]]:
    """The narrowest limit first: it is the one that is told."""
    if request.method != hdrs.METH_POST:
        return []
    address = addresses.key_of(request)
    if request.path == _SESSIONS:
        return _both(Limit.ADDRESS_SESSIONS, Limit.ALL_SESSIONS, address)
    if request.path.startswith(_PAGES):
        return _both(Limit.ADDRESS_PAGE_POSTS, Limit.ALL_PAGE_POSTS, address)
    if not request.path.startswith(API):
        return []
    both = _both(Limit.ADDRESS_MESSAGES, Limit.ALL_MESSAGES, address)
    token = request.cookies.get(cookie_name(gateway.settings))
    session = [(Limit.SESSION_MESSAGES, gateway.vault.keyed_hash(token, purpose="rate_session"))] if token else []
    return session + both


def _both(of_address: Limit, of_all: Limit, address: str | None) -> list[tuple[Limit, str]]:
    return [*([] if address is None else [(of_address, address)]), (of_all, "")]
