"""The pages of 改善."""

from __future__ import annotations

from bot.console.frame.routes import Route, get, post
from bot.console.improving import edit_pages, overview_page, publish_pages
from bot.staff.roles import Right

_SORT = "/improving/{sort}"

ROUTES: tuple[Route, ...] = (
    get("/improving", overview_page.show, Right.LOOK),
    get("/improving/history", overview_page.show_history, Right.LOOK),
    get("/improving/publish", publish_pages.show_publish, Right.PUBLISH),
    post("/improving/publish", publish_pages.publish_candidate, Right.PUBLISH),
    post("/improving/restore", publish_pages.restore_release, Right.PUBLISH),
    post("/improving/discard", overview_page.discard, Right.EDIT_ANSWERS),
    post("/improving/rebase", overview_page.rebase, Right.EDIT_ANSWERS),
    get(_SORT, edit_pages.show_list, Right.LOOK),
    get(f"{_SORT}/new", edit_pages.show_blank, Right.EDIT_ANSWERS),
    post(f"{_SORT}/new", edit_pages.show_borrowed, Right.EDIT_ANSWERS),
    post(f"{_SORT}/save", edit_pages.save, Right.EDIT_ANSWERS),
    post(f"{_SORT}/remove", edit_pages.remove, Right.EDIT_ANSWERS),
    get(f"{_SORT}/{{key}}", edit_pages.show_one, Right.EDIT_ANSWERS),
)
