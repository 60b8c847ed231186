"""The routes of 利用者; all of them are the administrators'."""

from __future__ import annotations

from bot.console.frame.routes import Route, get, post
from bot.console.people import pages
from bot.staff.roles import Right

_PERSON = pages.PATH + "/{id}"

ROUTES: tuple[Route, ...] = (
    get(pages.PATH, pages.show, Right.MANAGE_PEOPLE),
    post(pages.PATH, pages.invite, Right.MANAGE_PEOPLE),
    get(_PERSON, pages.show_person, Right.MANAGE_PEOPLE),
    post(_PERSON, pages.change, Right.MANAGE_PEOPLE),
    post(f"{_PERSON}/reset", pages.reset, Right.MANAGE_PEOPLE),
    post(f"{_PERSON}/disable", pages.disable, Right.MANAGE_PEOPLE),
    post(f"{_PERSON}/enable", pages.enable, Right.MANAGE_PEOPLE),
    get(pages.SESSIONS_PATH, pages.show_sessions, Right.MANAGE_PEOPLE),
    post(f"{pages.SESSIONS_PATH}/{{session}}/end", pages.end_session, Right.MANAGE_PEOPLE),
)
