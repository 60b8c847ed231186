"""What every request must satisfy before a handler sees it: no other site behind it, JSON where JSON is due."""

from __future__ import annotations

from urllib.parse import urlsplit

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

from bot.channels.website.problems import API
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


def comes_from_here(request: web.Request) -> bool:
    """Whether a page of ours sent this form.

    Our pages send no referrer, and then browsers send `Origin: null` with a form. Those that do not say
    `Sec-Fetch-Site` either are let through: what a form may do depends on a token in its address or on a cookie that
    is never sent from another site.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in _OWN_SITES
    origin = request.headers.get(hdrs.ORIGIN, "null")
    return origin == "null" or urlsplit(origin).netloc == request.host


@web.middleware
async def readable_headers(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuses headers that are no UTF-8: cookies and names are looked up by hashes, and such bytes have none."""
    try:
        "".join(request.headers.values()).encode()
    except UnicodeEncodeError:
        raise web.HTTPBadRequest from None
    return await handler(request)


def api_guard(settings: Settings) -> Middleware:
    """Guards the API: changes come from our own pages only, and bodies are JSON."""

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.startswith(API) and request.method not in _SAFE_METHODS:
            same_site_only(request, settings)
            if request.body_exists and request.content_type != "application/json":
                raise web.HTTPUnsupportedMediaType
        return await handler(request)

    return guard


def _is_ours(origin: str, request: web.Request, settings: Settings) -> bool:
    public = urlsplit(settings.public_url)
    return origin == f"{public.scheme}://{public.netloc}" or urlsplit(origin).netloc == request.host
