"""The routes of カレンダー; `{day}` is a day or a month, `2026-12-01` or `2026-12`."""

from __future__ import annotations

from bot.console.calendar import pages
from bot.console.frame.routes import Route, get
from bot.staff.roles import Right

ROUTES: tuple[Route, ...] = (
    get("/calendar", pages.show_this_month, Right.SEE_REQUESTS),
    get("/calendar/{day}", pages.show, Right.SEE_REQUESTS),
    get("/calendar/{day}/file", pages.download, Right.SEE_REQUESTS),
)
