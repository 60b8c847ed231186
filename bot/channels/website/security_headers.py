"""What every answer of the gateway tells the browser: what it may load, who may frame it, what it must not keep."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import hdrs, web

from bot.settings import Settings

_NOTHING = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'"

# A page without script: stylesheets and the icon are ours, forms come back to us, nothing else exists.
_DOCUMENT = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; "
    "require-trusted-types-for 'script'"
)

_CHAT = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'self'; require-trusted-types-for 'script'; trusted-types 'none'"
)

_UNFRAMED = "; frame-ancestors 'none'"

DOCUMENT_POLICY = _DOCUMENT + _UNFRAMED

CHAT_POLICY = _CHAT + _UNFRAMED

CONTENT_POLICY_KEY = web.ResponseKey("content_policy", str)
"""A handler whose page needs more than nothing says so: `response[CONTENT_POLICY_KEY] = CHAT_POLICY`."""

OPEN_TO_OTHERS_KEY = web.ResponseKey("open_to_others", bool)
"""Set for the one file that other sites' pages load: the script that puts the chat's button there."""

_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
}

# Its integrity attribute makes the browser ask by CORS. Nothing in it is anybody's secret.
_TO_OTHERS = {"Cross-Origin-Resource-Policy": "cross-origin", "Access-Control-Allow-Origin": "*"}

_ONE_YEAR = "max-age=31536000"

# Whoever has the widget open may reach these inside it; both are opened by what the member alone holds.
_REQUEST_PAGES = "/request"


def widget_policy(settings: Settings) -> str:
    """The chat in a frame on the pages of the sites that the settings name, with the request's page inside it."""
    return f"{_CHAT}; frame-src 'self'; frame-ancestors " + (settings.embed_origins or "'none'")


def framed_document_policy(settings: Settings) -> str:
    """A page without script inside the widget: every frame around it must be ours or one of those sites'."""
    return f"{_DOCUMENT}; frame-ancestors 'self' {settings.embed_origins}".rstrip()


def is_inside_widget(request: web.Request) -> bool:
    """Whether a page of ours opens a request's page in a frame of its own.

    Another site that puts the address of a request's page into a frame is told apart by the browser itself (Fetch
    Metadata, W3C), so it gets the page that cannot be framed. Browsers that do not say where a request comes from
    are older than what the widget needs anyway.
    """
    asked = request.headers
    is_framed = asked.get("Sec-Fetch-Dest") == "iframe" and asked.get("Sec-Fetch-Site") == "same-origin"
    return is_framed and request.path.startswith(_REQUEST_PAGES)


def set_headers(settings: Settings) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    """A signal handler for `app.on_response_prepare`, so that errors and static files get the headers too."""
    https = settings.public_url.startswith("https:")
    framed = framed_document_policy(settings)

    async def on_prepare(request: web.Request, response: web.StreamResponse) -> None:
        response.headers.update(_ALWAYS)
        if response.get(OPEN_TO_OTHERS_KEY):
            response.headers.update(_TO_OTHERS)
        policy = response.get(CONTENT_POLICY_KEY, _NOTHING)
        if policy == DOCUMENT_POLICY and is_inside_widget(request):
            policy = framed
        response.headers["Content-Security-Policy"] = policy
        # Nothing is kept unless a handler decided otherwise: most answers here are somebody's conversation.
        response.headers.setdefault(hdrs.CACHE_CONTROL, "no-store")
        if https:
            response.headers["Strict-Transport-Security"] = _ONE_YEAR

    return on_prepare
