"""What every request must satisfy before a handler sees it: no other site behind it, JSON where JSON is due."""

from __future__ import annotations

from urllib.parse import urlsplit

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from bot.channels.problems import API
from bot.settings import Settings

_SAFE_METHODS = frozenset({hdrs.METH_GET, hdrs.METH_HEAD, hdrs.METH_OPTIONS})
_OWN_SITES = frozenset({"same-origin", "none"})


def same_site_only(request: web.Request, settings: Settings) -> None:
    """Refuses a change that another site's page asked the browser for.

    A client that is no browser sends neither header and has no cookies that another site could ride on.

    Raises:
        web.HTTPForbidden: a header names another site.
    """
    fetch_site = request.headers.get("Sec-Fetch-Site")
    if fetch_site is not None and fetch_site not in _OWN_SITES:
        raise web.HTTPForbidden
    origin = request.headers.get(hdrs.ORIGIN)
    if origin is not None and not _is_ours(origin, request, settings):
        raise web.HTTPForbidden


@web.middleware
async def api_guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Guards the API: changes come from our own pages only, bodies are JSON, answers are kept nowhere."""
    if not request.path.startswith(API):
        return await handler(request)
    if request.method not in _SAFE_METHODS:
        same_site_only(request, request.app[SETTINGS])
        if request.body_exists and request.content_type != "application/json":
            raise web.HTTPUnsupportedMediaType
    response = await handler(request)
    response.headers[hdrs.CACHE_CONTROL] = "no-store"
    return response


SETTINGS = web.AppKey("settings", Settings)


def _is_ours(origin: str, request: web.Request, settings: Settings) -> bool:
    public = urlsplit(settings.public_url)
    return origin == f"{public.scheme}://{public.netloc}" or urlsplit(origin).netloc == request.host
