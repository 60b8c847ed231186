"""The routes of what staff enter."""

from __future__ import annotations

from bot.console.entry import filed_page, pages
from bot.console.frame.routes import Route, get, post
from bot.staff.roles import Right

ROUTES: tuple[Route, ...] = (
    get("/entry", pages.show, Right.WORK_REQUESTS),
    post("/entry", pages.submit, Right.WORK_REQUESTS),
    post("/entry/mail", pages.read_arrived, Right.WORK_REQUESTS),
    get("/entry/filed/{draft}", filed_page.show, Right.WORK_REQUESTS),
    post("/entry/filed/{draft}/receipt", filed_page.print_receipt, Right.WORK_REQUESTS),
)
