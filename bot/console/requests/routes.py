"""The routes of the queue and of one request."""

from __future__ import annotations

from aiohttp import web

from bot.console.frame.routes import Handler, Route, get, post
from bot.console.requests import (
    answer_steps,
    casework_steps,
    decision_steps,
    detail_page,
    files,
    identity_steps,
    keeping_steps,
    preview,
    printing,
    queue_page,
    writing_steps,
)
from bot.console.requests.acting import Do, take
from bot.console.requests.open_steps import Step
from bot.staff.roles import Right

_ONE = "/requests/{id}"

_DOES: dict[Step, Do] = {
    Step.ASSIGN: casework_steps.assign,
    Step.URGENT: casework_steps.urgent,
    Step.CORRECT_ARRIVAL: casework_steps.correct_arrival,
    Step.CHECK_ARRIVAL: casework_steps.check_arrival,
    Step.BEGIN: casework_steps.begin,
    Step.TOLD: casework_steps.told,
    Step.LINK: casework_steps.link,
    Step.ACKNOWLEDGE: casework_steps.acknowledge,
    Step.CLOSE: casework_steps.close,
    Step.WITHDRAW: casework_steps.withdraw,
    Step.HOLD: keeping_steps.hold,
    Step.LIFT: keeping_steps.lift,
    Step.DETAILS: identity_steps.details,
    Step.PROOF: identity_steps.proof,
    Step.RESUME: identity_steps.resume,
    Step.ASK: writing_steps.ask,
    Step.MESSAGE: writing_steps.message,
    Step.INTERIM: writing_steps.interim,
    Step.REPLY: writing_steps.reply,
    Step.NOTE: writing_steps.note,
    Step.ATTACH: writing_steps.attach,
    Step.PROPOSE: decision_steps.propose,
    Step.APPROVE: decision_steps.approve,
    Step.REJECT: decision_steps.reject,
    Step.EXECUTED: decision_steps.executed,
    Step.PREPARE: answer_steps.prepare,
    Step.RELEASE: answer_steps.release,
    Step.POSTED: answer_steps.posted,
}

_RIGHTS = {
    Step.APPROVE: Right.APPROVE,
    Step.RELEASE: Right.APPROVE,
    Step.HOLD: Right.HOLD,
    Step.LIFT: Right.HOLD,
}
"""Steps that the guard lets nobody near who works on requests and has no more rights than that."""


def _step_route(step: Step, do: Do) -> Route:
    async def handle(request: web.Request) -> web.StreamResponse:
        if step is Step.LINK:
            return await take(request, step, do, casework_steps.linked_ids)
        return await take(request, step, do)

    handler: Handler = handle
    return post(f"{_ONE}/{step}", handler, _RIGHTS.get(step, Right.WORK_REQUESTS))


ROUTES: tuple[Route, ...] = (
    get("/requests", queue_page.show, Right.SEE_REQUESTS),
    post("/requests/assign", queue_page.assign_several, Right.WORK_REQUESTS),
    get(_ONE, detail_page.show, Right.SEE_REQUESTS),
    post(f"{_ONE}/contact", detail_page.show_contact, Right.REVEAL_CONTACT),
    post(f"{_ONE}/preview", preview.preview, Right.WORK_REQUESTS),
    post(f"{_ONE}/rewrite", preview.rewrite, Right.WORK_REQUESTS),
    post(f"{_ONE}/files/{{file}}", files.download, Right.REVEAL_CONTACT),
    post(f"{_ONE}/print", printing.print_file, Right.REVEAL_CONTACT),
    post(f"{_ONE}/letter", printing.print_letter, Right.REVEAL_CONTACT),
    post(f"{_ONE}/label", printing.print_label, Right.REVEAL_CONTACT),
    *(_step_route(step, do) for step, do in _DOES.items()),
)
