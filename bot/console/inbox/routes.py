"""The routes of お問い合わせ."""

from __future__ import annotations

from aiohttp import web

from bot.console.frame.routes import Handler, Route, get, post
from bot.console.inbox import detail_page, list_page, steps
from bot.console.requests import casework_steps, writing_steps
from bot.console.requests.acting import Do
from bot.staff.roles import Right

_ONE = "/inbox/{id}"


def _step(name: str, do: Do, fields: str = "reply", beside: steps.Beside | None = None) -> Route:
    async def handle(request: web.Request) -> web.StreamResponse:
        return await steps.take(request, name, do, fields=fields, beside=beside)

    handler: Handler = handle
    return post(f"{_ONE}/{name}", handler, Right.WORK_REQUESTS)


ROUTES: tuple[Route, ...] = (
    get("/inbox", list_page.show, Right.SEE_REQUESTS),
    get(_ONE, detail_page.show, Right.SEE_REQUESTS),
    post(f"{_ONE}/contact", detail_page.show_contact, Right.REVEAL_CONTACT),
    post(f"{_ONE}/ready", steps.insert, Right.WORK_REQUESTS),
    _step("answer", steps.answer),
    _step("route", steps.route),
    _step("message", steps.message),
    _step("ask", steps.ask),
    _step("note", writing_steps.note, "note"),
    _step("assign", steps.hand_over, "assign"),
    _step("urgent", casework_steps.urgent, "urgent"),
    _step("told", casework_steps.told, "told"),
    _step("complaint", steps.complain_about, "complaint", casework_steps.linked_ids),
    _step("close", casework_steps.close, "close"),
)
