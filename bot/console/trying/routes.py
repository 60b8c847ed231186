"""The routes of 試す."""

from __future__ import annotations

from bot.console.frame.routes import Route, get, post
from bot.console.trying import single_pages, talk_pages, verdict_pages
from bot.staff.roles import Right

_TALK = "/try/talks/{id}"

ROUTES: tuple[Route, ...] = (
    get("/try", single_pages.show, Right.TRY),
    post("/try", single_pages.ask, Right.TRY),
    get("/try/verdicts", verdict_pages.show, Right.TRY),
    post("/try/verdicts", verdict_pages.give, Right.RUN_TESTS),
    post("/try/verdicts/{id}/drop", verdict_pages.drop, Right.RUN_TESTS),
    get("/try/talks", talk_pages.show_start, Right.TRY),
    post("/try/talks", talk_pages.begin, Right.TRY),
    get(_TALK, talk_pages.show, Right.TRY),
    post(_TALK + "/say", talk_pages.say, Right.TRY),
    post(_TALK + "/press", talk_pages.press, Right.TRY),
    post(_TALK + "/replay", talk_pages.replay, Right.TRY),
    get(_TALK + "/beside/{other}", talk_pages.show_beside, Right.TRY),
)
"""Every route of this room."""
