"""Web sessions: an opaque token in a cookie; the database knows only its keyed hash and a sealed copy."""

from __future__ import annotations

import secrets

from aiohttp import hdrs, web

from bot.channels.gateway import Gateway
from bot.channels.intake import SenderIsUnknownError
from bot.settings import Settings
from bot.storage.conversations import Sender

WEB = "web"
_TOKEN_BYTES = 32


def cookie_name(settings: Settings) -> str:
    """`__Host-chat` behind https; browsers refuse that name on a plain loopback address, where it is `chat`."""
    return "__Host-chat" if _is_https(settings) else "chat"


def new_token() -> str:
    """256 random bits."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def set_cookie(response: web.StreamResponse, settings: Settings, token: str) -> None:
    """Hands the token to the browser, for this browser session, out of reach of scripts and other sites.

    In a frame on a page of another registrable domain browsers send no cookie but one that says so, and that only
    with `Partitioned` (CHIPS): each such site then has a conversation of its own, and none can be followed to another.
    """
    if settings.embed_cross_site:
        # Python 3.11's cookies do not know the attribute, and aiohttp passes it on to them.
        attributes = "Path=/; Secure; HttpOnly; SameSite=None; Partitioned"
        response.headers.add(hdrs.SET_COOKIE, f"{cookie_name(settings)}={token}; {attributes}")
        return
    response.set_cookie(
        cookie_name(settings), token, path="/", httponly=True, secure=_is_https(settings), samesite="Lax"
    )


def sender_of(gateway: Gateway, request: web.Request) -> Sender:
    """Who asks, by the cookie.

    Raises:
        SenderIsUnknownError: there is no cookie.
    """
    token = request.cookies.get(cookie_name(gateway.settings))
    if not token:
        raise SenderIsUnknownError("there is no session cookie")
    return Sender(gateway.controller, WEB, token)


def _is_https(settings: Settings) -> bool:
    return settings.public_url.startswith("https://")
