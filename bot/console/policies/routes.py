"""The routes of 方針."""

from __future__ import annotations

from bot.console.frame.routes import Route, get, post
from bot.console.policies import import_pages, pages
from bot.staff.roles import Right

_POLICY = "/policies/of/{controller}/{policy}"
_VERSION = _POLICY + "/{version}"
_PAIR = _POLICY + "/{old}/to/{new}"
_STAGED = "/policies/import/{staged}"

ROUTES: tuple[Route, ...] = (
    get("/policies", pages.show_shelf, Right.LOOK),
    get(_VERSION, pages.show_version, Right.LOOK),
    get(_VERSION + "/gaps", pages.show_gaps, Right.LOOK),
    post(_VERSION + "/gaps", pages.ask_standard_questions, Right.RUN_TESTS),
    get(_PAIR, pages.show_comparison, Right.LOOK),
    post(_PAIR + "/answers", pages.ask_both, Right.RUN_TESTS),
    get("/policies/import", import_pages.show_form, Right.EDIT_POLICIES),
    post("/policies/import", import_pages.take_file, Right.EDIT_POLICIES),
    get(_STAGED, import_pages.show_review, Right.EDIT_POLICIES),
    post(_STAGED, import_pages.correct, Right.EDIT_POLICIES),
    post(_STAGED + "/adopt", import_pages.adopt, Right.EDIT_POLICIES),
    post(_STAGED + "/drop", import_pages.drop, Right.EDIT_POLICIES),
)
