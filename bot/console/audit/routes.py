"""The routes of 監査."""

from __future__ import annotations

from bot.console.audit import files_page, list_page, status_page
from bot.console.frame.routes import Route, get, post
from bot.staff.roles import Right

ROUTES: tuple[Route, ...] = (
    get("/audit", list_page.show, Right.READ_AUDIT),
    post("/audit/request", list_page.find_request, Right.READ_AUDIT),
    post("/audit/export", list_page.export, Right.READ_AUDIT),
    get("/audit/status", status_page.show_status, Right.READ_AUDIT),
    post("/audit/verify", status_page.verify, Right.READ_AUDIT),
    get("/audit/files", files_page.show, Right.AUDIT_FILES),
    post("/audit/files", files_page.make, Right.AUDIT_FILES),
)
