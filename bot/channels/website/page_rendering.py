"""Turns templates into pages: one environment with autoescape, one call that installs it in the application."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import aiohttp_jinja2
import jinja2
from aiohttp import web
from aiohttp.typedefs import Handler

from bot.channels.website import assets
from bot.channels.website.security_headers import (
    CONTENT_POLICY_KEY,
    DOCUMENT_POLICY,
    is_inside_widget,
    set_headers,
)
from bot.settings import Settings

TEMPLATE_FOLDER = Path(__file__).resolve().parents[2] / "web" / "templates"


_SERVICE: web.AppKey[Callable[[], str]] = web.AppKey("service")


def install(app: web.Application, settings: Settings, service: Callable[[], str]) -> None:
    """Gives `app` the templates, the static files, the headers of every answer and the page for unknown paths.

    Args:
        app: of one controller.
        settings: by which it is served.
        service: gives what members know it by, which stands at the head of each of its pages.
    """
    app[_SERVICE] = service
    environment = aiohttp_jinja2.setup(
        app,
        loader=jinja2.FileSystemLoader(TEMPLATE_FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["asset"] = assets.asset_path
    environment.globals["caution"] = settings.caution
    environment.globals["is_cross_site"] = settings.embed_cross_site
    app.add_routes(assets.routes())
    app.on_response_prepare.append(set_headers(settings))
    app.middlewares.append(show_not_found)


def page(
    request: web.Request,
    template: str,
    context: Mapping[str, object],
    *,
    status: int = 200,
    content_policy: str = DOCUMENT_POLICY,
) -> web.Response:
    """A rendered page under its content policy; inside the widget it goes without what the widget shows around it."""
    defaults = {"service": request.app[_SERVICE](), "is_framed": is_inside_widget(request)}
    response = aiohttp_jinja2.render_template(template, request, {**defaults, **context}, status=status)
    response[CONTENT_POLICY_KEY] = content_policy
    return response


def wants_page(request: web.Request) -> bool:
    """Whether a browser that navigates asks, and not a program."""
    return "text/html" in request.headers.get("Accept", "")


def not_found_page(request: web.Request) -> web.Response:
    """What a person sees who follows a wrong address."""
    return page(request, "not_found.html", {}, status=web.HTTPNotFound.status_code)


def busy_page(request: web.Request, *, reference: str, contacts: Sequence[str]) -> web.Response:
    """What a person sees when something that is needed does not answer now; what was pressed can be pressed again."""
    context = {"reference": reference, "contacts": contacts}
    return page(request, "busy.html", context, status=web.HTTPServiceUnavailable.status_code)


def failed_page(request: web.Request, *, reference: str, contacts: Sequence[str]) -> web.Response:
    """What a person sees when something failed that nobody foresaw, and that may fail again."""
    context = {"reference": reference, "contacts": contacts}
    return page(request, "failed.html", context, status=web.HTTPInternalServerError.status_code)


def too_many_page(request: web.Request, *, detail: str, reference: str) -> web.Response:
    """What a person sees who has reached a limit; `detail` says which, and how long to wait."""
    context = {"detail": detail, "reference": reference}
    return page(request, "too_many.html", context, status=web.HTTPTooManyRequests.status_code)


@web.middleware
async def show_not_found(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Gives a browser that navigates a page instead of one English line; programs keep the plain answer."""
    try:
        return await handler(request)
    except web.HTTPNotFound:
        if not wants_page(request):
            raise
        return not_found_page(request)
