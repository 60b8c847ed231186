"""The request's page behind its door: how far each request has come, messages, files, 取下げ and the receipt.

Whatever is done here, the visit is looked at in the same transaction; once it is over nothing is shown or changed.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus

from aiohttp import web
from sqlalchemy.orm import Session

from bot.channels.papers.papers import Frame, receipt_pdf
from bot.channels.remains import keeping_of, what_remains
from bot.channels.timeline import texts as timeline_texts
from bot.channels.timeline.answer import Answers
from bot.channels.timeline.desk import Office
from bot.channels.timeline.forms import Fields, read_fields, read_upload
from bot.channels.timeline.texts import FAULTS, STATE_FORBIDS
from bot.channels.timeline.views import attached, over, visited
from bot.channels.timeline.visit import PATH as DOOR
from bot.channels.timeline.visit import drop_cookie, token_of
from bot.channels.wall_clock import moment
from bot.channels.website.page_rendering import page
from bot.register.errors import FileIsUnusableError, MessageIsUnusableError, StateForbidsError
from bot.register.filing import Filed, receipts
from bot.register.groups import Standing, standings_of
from bot.register.identity.visits import VisitView, end_visit
from bot.register.models import State
from bot.register.pages import issue_page
from bot.register.requests import withdraw
from bot.register.thread.handing_in import hand_in
from bot.register.thread.messages import member_writes
from bot.register.timeline import Case, CaseFile, case_file

PATH = f"{DOOR}/case"

Step = Callable[[Session, datetime, VisitView], None]


def routes(office: Office) -> list[web.RouteDef]:
    """The page, its forms, and the receipt."""
    room, answers = _Room(office), Answers(office)
    return [
        web.get(PATH, room.show),
        web.post(PATH, room.act),
        web.post(f"{PATH}/file", room.take_file),
        web.post(f"{PATH}/answer", answers.act),
        web.get(f"{PATH}/receipt", room.receipt),
    ]


class _Room:
    """What a visitor can do; each step ends with the page as it is afterwards."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._steps = {
            "write": self._write,
            "withdraw": self._ask_to_withdraw,
            "withdraw_confirmed": self._withdraw,
            "details": self._go_to_details,
        }

    async def show(self, request: web.Request) -> web.Response:
        """The page as it is."""
        return await self._case_page(request)

    async def act(self, request: web.Request) -> web.StreamResponse:
        """One step of a form without a file."""
        form = await read_fields(request)
        if form.get("step") == "close":
            return await self._close(request)
        step = self._steps.get(form.get("step", ""))
        if step is None:
            raise web.HTTPBadRequest
        return await step(request, form)

    async def take_file(self, request: web.Request) -> web.StreamResponse:
        """Takes a file; nobody without a visit gets as far as sending one."""
        if await self._office.of_register(lambda session, now: visited(session, request, self._office, now)) is None:
            return over(request)
        form, file = await read_upload(request)
        request_id = form.get("request", "")

        def take(session: Session, now: datetime, visit: VisitView) -> None:
            hand_in(session, attached(visit, request_id), file, now=now, vault=self._office.vault)

        try:
            done = await self._do(request, take)
        except FileIsUnusableError as error:
            return await self._case_page(request, errors={f"file {request_id}": FAULTS["file", error.fault]})
        except StateForbidsError:
            return await self._case_page(request, note=STATE_FORBIDS)
        return _back("handed_in", request_id) if done else over(request)

    async def receipt(self, request: web.Request) -> web.StreamResponse:
        """The receipt as a file to print."""

        def look(session: Session, now: datetime) -> tuple[datetime, list[Filed], list[Standing]] | None:
            visit = visited(session, request, self._office, now)
            if visit is None:
                return None
            return now, receipts(session, visit.draft_id), standings_of(session, visit.draft_id)

        looked = await self._office.of_register(look)
        if looked is None:
            return over(request)
        now, filed, siblings = looked
        frame = Frame(
            self._office.desk, self._office.settings.public_url.rstrip("/") + DOOR, now, self._office.settings.caution
        )
        content = await asyncio.to_thread(receipt_pdf, filed, frame, siblings=siblings)
        headers = {"Content-Disposition": 'attachment; filename="receipt.pdf"'}
        return web.Response(body=content, content_type="application/pdf", headers=headers)

    async def _write(self, request: web.Request, form: Fields) -> web.StreamResponse:
        request_id, text = form.get("request", ""), form.get("text", "")

        def write(session: Session, now: datetime, visit: VisitView) -> None:
            once = form.get("once", "")
            member_writes(session, attached(visit, request_id), text, now=now, vault=self._office.vault, once=once)

        try:
            done = await self._do(request, write)
        except MessageIsUnusableError as error:
            errors = {f"text {request_id}": FAULTS["text", error.fault]}
            return await self._case_page(request, errors=errors, typed={request_id: text})
        except StateForbidsError:
            return await self._case_page(request, note=STATE_FORBIDS)
        return _back("written", request_id) if done else over(request, typed=text)

    async def _ask_to_withdraw(self, request: web.Request, form: Fields) -> web.StreamResponse:
        cases = await self._cases(request)
        if cases is None:
            return over(request)
        case = next((case for case in cases.cases if case.id == form.get("request")), None)
        if case is None:
            raise web.HTTPNotFound
        if not case.can_withdraw:
            return await self._case_page(request, note=STATE_FORBIDS)
        return page(request, "timeline_withdraw.html", {"case": case})

    async def _withdraw(self, request: web.Request, form: Fields) -> web.StreamResponse:
        request_id = form.get("request", "")

        def take_back(session: Session, now: datetime, visit: VisitView) -> None:
            withdraw(session, attached(visit, request_id), now=now)

        try:
            done = await self._do(request, take_back)
        except StateForbidsError:
            return await self._case_page(request, note=STATE_FORBIDS)
        return _back("withdrawn", request_id) if done else over(request)

    async def _go_to_details(self, request: web.Request, _form: Fields) -> web.StreamResponse:
        hours = self._office.settings.page_hours

        def issue(session: Session, now: datetime) -> str | None:
            visit = visited(session, request, self._office, now)
            return None if visit is None else issue_page(session, visit.draft_id, now=now, hours=hours)

        token = await self._office.in_register(issue)
        return over(request) if token is None else _see_other(f"{DOOR}/{token}")

    async def _close(self, request: web.Request) -> web.Response:
        token = token_of(request, self._office.settings)
        await self._office.in_register(lambda session, now: end_visit(session, token, now=now))
        response = page(request, "timeline_door.html", {"state": "closed", "errors": {}})
        drop_cookie(response, self._office.settings)
        return response

    async def _do(self, request: web.Request, step: Step) -> bool:
        """Runs a step of an open visit; False when the visit is over."""

        def work(session: Session, now: datetime) -> bool:
            visit = visited(session, request, self._office, now)
            if visit is None:
                return False
            step(session, now, visit)
            return True

        return await self._office.in_register(work)

    async def _cases(self, request: web.Request) -> CaseFile | None:
        def look(session: Session, now: datetime) -> CaseFile | None:
            visit = visited(session, request, self._office, now)
            if visit is None:
                return None
            table = self._office.rules.table
            return case_file(session, visit.draft_id, vault=self._office.vault, now=now, table=table)

        return await self._office.of_register(look)

    def _remains(self, case: Case) -> tuple[str, ...]:
        """What is left of a request that was closed, and until when; nothing while it goes on, or was taken back."""
        if case.ended_at is None or case.state is not State.CLOSED:
            return ()
        return what_remains(case.ended_at, keeping_of(self._office.desk, self._office.settings))

    async def _case_page(
        self,
        request: web.Request,
        *,
        note: str = "",
        errors: Fields | None = None,
        typed: Fields | None = None,
    ) -> web.Response:
        cases = await self._cases(request)
        if cases is None:
            return over(request)
        context = {
            "file": cases,
            "texts": timeline_texts,
            "moment": moment,
            "told_due": self._office.settings.told_due,
            "quote": self._office.desk.quotes.get("identity_check", ""),
            "remains": self._remains,
            "documents": self._office.desk.owner.identity_documents,
            "note": note or timeline_texts.DONE.get(request.query.get("done", ""), ""),
            "errors": errors or {},
            "typed": typed or {},
            "once": secrets.token_urlsafe(16),
        }
        status = HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.CONFLICT if note else HTTPStatus.OK
        return page(request, "timeline_case.html", context, status=status)


def _back(done: str, request_id: str) -> web.Response:
    """Leads to the page anew, so that a reload sends nothing twice."""
    return _see_other(f"{PATH}?done={done}#request-{request_id}")


def _see_other(location: str) -> web.Response:
    return web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": location})
