"""What every answer of the gateway tells the browser: what it may load, who may frame it, what it must not keep."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from bot.settings import Settings

_NOTHING = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'"

# A page without script: stylesheets and the icon are ours, forms come back to us, nothing else exists.
DOCUMENT_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'"
)

CHAT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)

CONTENT_POLICY_KEY = web.ResponseKey("content_policy", str)
"""A handler whose page needs more than nothing says so: `response[CONTENT_POLICY_KEY] = CHAT_POLICY`."""

_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
}

_ONE_YEAR = "max-age=31536000"


def set_headers(settings: Settings) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    """A signal handler for `app.on_response_prepare`, so that errors and static files get the headers too."""
    https = settings.public_url.startswith("https:")

    async def on_prepare(_request: web.Request, response: web.StreamResponse) -> None:
        response.headers.update(_ALWAYS)
        response.headers["Content-Security-Policy"] = response.get(CONTENT_POLICY_KEY, _NOTHING)
        # Nothing is kept unless a handler decided otherwise: most answers here are somebody's conversation.
        response.headers.setdefault("Cache-Control", "no-store")
        if https:
            response.headers["Strict-Transport-Security"] = _ONE_YEAR

    return on_prepare
