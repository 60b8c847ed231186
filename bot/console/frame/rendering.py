"""Draws a page: the template, with what every page shows around it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import aiohttp_jinja2
from aiohttp import web

from bot.console.frame.navigation import NAVIGATION, Entry
from bot.console.frame.parts import console_of


def page(
    request: web.Request, template: str, context: Mapping[str, Any], status: HTTPStatus = HTTPStatus.OK
) -> web.Response:
    """A whole page (or, for a template that extends nothing, a piece of one).

    Templates get, besides `context`: `actor`, `menu` (what their role may open), `here` (the path), `csrf` (for
    `{{ form_token() }}` of `frame/forms.html`), `now`, `trial_notice`, `company` (whose console it is).
    """
    return aiohttp_jinja2.render_template(template, request, _surroundings(request) | dict(context), status=status)


def notice_page(request: web.Request, text: str, status: HTTPStatus) -> web.Response:
    """A page that says one thing: why something was not done."""
    return page(request, "frame/notice.html", {"text": text}, status)


def see(path: str) -> web.HTTPSeeOther:
    """What a successful post ends with, to be raised: a reload then repeats nothing.

    Args:
        path: where to go on, on this console; never anything that came from outside.
    """
    return web.HTTPSeeOther(path)


def _surroundings(request: web.Request) -> dict[str, Any]:
    # No context processor of aiohttp_jinja2: those run behind our guards, which draw pages too.
    # Imported here, since the guard itself draws pages.
    from bot.console.frame.guard import ACTOR, csrf_token  # noqa: PLC0415

    actor = request.get(ACTOR)
    console = console_of(request)
    return {
        "actor": actor,
        "menu": [_shown(entry, request.path) for entry in NAVIGATION if actor and actor.has(entry.right)],
        "here": request.path,
        "csrf": csrf_token(request) if actor else "",
        "now": console.clock(),
        "trial_notice": console.settings.caution,
        "company": console.company,
    }


@dataclass(frozen=True)
class _MenuEntry:
    title: str
    path: str
    is_current: bool


def _shown(entry: Entry, path: str) -> _MenuEntry:
    is_current = path == entry.path or (entry.path != "/" and path.startswith(entry.path + "/"))
    return _MenuEntry(entry.title, entry.path, is_current)
