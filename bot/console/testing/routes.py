"""The routes of 回帰テスト."""

from __future__ import annotations

from bot.console.frame.routes import Route, get, post
from bot.console.testing import case_pages, run_pages, set_pages
from bot.staff.roles import Right

ROUTES: tuple[Route, ...] = (
    get("/tests", set_pages.show_sets, Right.LOOK),
    post("/tests/run", set_pages.run, Right.RUN_TESTS),
    get("/tests/sets/{name}", set_pages.show_set, Right.LOOK),
    post("/tests/cases/new", case_pages.offer, Right.RUN_TESTS),
    post("/tests/cases", case_pages.add, Right.RUN_TESTS),
    get("/tests/batches/{batch}", run_pages.show_batch, Right.LOOK),
    get("/tests/batches/{batch}/piece", run_pages.show_batch_piece, Right.LOOK),
    get("/tests/runs/{run}", run_pages.show_run, Right.LOOK),
    get("/tests/runs/{run}/cases/{position}", run_pages.show_case, Right.LOOK),
    get("/tests/runs/{run}/file/{format}", run_pages.save, Right.LOOK),
)
"""Every route of this room."""
