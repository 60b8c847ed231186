"""The routes of 今日."""

from __future__ import annotations

from bot.console.frame.routes import Route, get, post
from bot.console.today import page
from bot.staff.roles import Right

ROUTES: tuple[Route, ...] = (
    get("/", page.show, Right.LOOK),
    post("/today/alerts/{id}/acknowledge", page.take_up, Right.WORK_REQUESTS),
)
