"""The routes of 書き出し."""

from __future__ import annotations

from bot.console.export import pages
from bot.console.frame.routes import Route, get, post
from bot.staff.roles import Right

ROUTES: tuple[Route, ...] = (
    get("/export", pages.show, Right.EXPORT),
    post("/export", pages.write, Right.EXPORT),
)
