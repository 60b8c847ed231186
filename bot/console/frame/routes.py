"""A route of the console: every one names the right that it needs, so that none can be forgotten."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from aiohttp import web

from bot.staff.roles import Right

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Route:
    """One method and path.

    Attributes:
        method: GET or POST; nothing that changes anything is a GET.
        path: as aiohttp writes it; ids in it are opaque.
        handler: what answers.
        right: what one must be allowed to do; None only where nobody is logged in yet.
    """

    method: str
    path: str
    handler: Handler
    right: Right | None


def get(path: str, handler: Handler, right: Right) -> Route:
    """A page to look at."""
    return Route("GET", path, handler, right)


def post(path: str, handler: Handler, right: Right) -> Route:
    """A step that changes something, or whose words shall stand in no address."""
    return Route("POST", path, handler, right)


def open_to_all(method: str, path: str, handler: Handler) -> Route:
    """What whoever is not logged in may reach: the log-in, and whether the console is alive."""
    return Route(method, path, handler, None)


RIGHTS = web.AppKey("rights", dict[tuple[str, str], Right | None])


def register(app: web.Application, routes: Iterable[Route]) -> None:
    """Puts the routes into the application, and into the table that the guard reads.

    Raises:
        ValueError: two routes are one; the later would never be reached.
    """
    rights = app[RIGHTS] = {}
    for route in routes:
        key = (route.method, route.path)
        if key in rights:
            raise ValueError(f"{route.method} {route.path} is registered twice")
        rights[key] = route.right
        # HEAD is refused with 405: as a second method it would need a right of its own, and no browser asks for it.
        app.router.add_route(route.method, route.path, route.handler)
