"""The cookie of a visit: it opens the request's page and nothing else, for this browser session only."""

from __future__ import annotations

from aiohttp import web

from bot.settings import Settings

PATH = "/request"


def cookie_name(settings: Settings) -> str:
    """`__Secure-request` behind https; browsers refuse that name on plain http. `__Host-` would need the whole site."""
    return "__Secure-request" if _is_https(settings) else "request"


def set_cookie(response: web.StreamResponse, settings: Settings, token: str) -> None:
    """Hands the token to the browser, out of reach of scripts, other pages and other sites."""
    response.set_cookie(
        cookie_name(settings), token, path=PATH, httponly=True, secure=_is_https(settings), samesite="Strict"
    )


def drop_cookie(response: web.StreamResponse, settings: Settings) -> None:
    """Takes it back."""
    response.del_cookie(cookie_name(settings), path=PATH, httponly=True, secure=_is_https(settings), samesite="Strict")


def token_of(request: web.Request, settings: Settings) -> str:
    """The token of the visit, empty when there is none."""
    return request.cookies.get(cookie_name(settings), "")


def _is_https(settings: Settings) -> bool:
    return settings.public_url.startswith("https://")
