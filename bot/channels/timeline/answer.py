"""Handing over an answer: a fresh code for this very request, then the file itself as the response of the form."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from urllib.parse import quote

from aiohttp import web
from sqlalchemy.orm import Session

from bot.channels.timeline.desk import Office
from bot.channels.timeline.forms import Fields, read_fields
from bot.channels.timeline.texts import FAULTS
from bot.channels.timeline.views import attached, over, visited
from bot.channels.website.page_rendering import page
from bot.register import audit
from bot.register.decisions.releasing import available, note_downloaded
from bot.register.identity.codes import ask_for_draft, try_code
from bot.register.identity.models import Purpose
from bot.register.identity.visits import VisitView
from bot.register.thread.files import StoredContent, read_file


class Answers:
    """The two steps of a download."""

    def __init__(self, office: Office) -> None:
        self._office = office

    async def act(self, request: web.Request) -> web.StreamResponse:
        """Sends a code, or takes it and hands the answer over."""
        form = await read_fields(request)
        return await (self._hand_over(request, form) if form.get("step") == "download" else self._ask(request, form))

    async def _ask(self, request: web.Request, form: Fields) -> web.StreamResponse:
        def ask(session: Session, now: datetime) -> str | None:
            visit = visited(session, request, self._office, now)
            if visit is None:
                return None
            request_id = attached(visit, form.get("request", ""))
            _require_available(session, request_id, form.get("release", ""), now)
            return ask_for_draft(
                session,
                visit.draft_id,
                Purpose.DOWNLOAD,
                controller=visit.controller,
                now=now,
                minutes=self._office.settings.code_minutes,
                request_id=request_id,
            )

        handle = await self._office.in_register(ask)
        return over(request) if handle is None else self._code_form(request, {**form, "handle": handle})

    async def _hand_over(self, request: web.Request, form: Fields) -> web.StreamResponse:
        def hand_over(session: Session, now: datetime) -> tuple[VisitView | None, StoredContent | None]:
            visit = visited(session, request, self._office, now)
            if visit is None:
                return None, None
            return visit, self._content(session, visit, form, now)

        visit, content = await self._office.in_register(hand_over)
        if visit is None:
            return over(request)
        if content is None:
            return self._code_form(request, form, errors={"code": FAULTS["code", "wrong"]})
        return _attachment(content)

    def _content(self, session: Session, visit: VisitView, form: Fields, now: datetime) -> StoredContent | None:
        """The answer for the right code; None, to be committed as a try, for a wrong one."""
        request_id, release_id = attached(visit, form.get("request", "")), form.get("release", "")
        _require_available(session, request_id, release_id, now)
        opened = try_code(session, form.get("handle", ""), form.get("code", ""), now=now, vault=self._office.vault)
        if opened is None or opened.purpose is not Purpose.DOWNLOAD or opened.request_id != request_id:
            return None
        file_id = note_downloaded(session, release_id, actor=audit.MEMBER, now=now)
        return read_file(session, file_id, actor=audit.MEMBER, now=now, vault=self._office.vault)

    def _code_form(self, request: web.Request, form: Fields, *, errors: Fields | None = None) -> web.Response:
        context = {
            "form": {name: form.get(name, "") for name in ("request", "release", "handle")},
            "minutes": self._office.settings.code_minutes,
            "errors": errors or {},
        }
        status = HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK
        return page(request, "timeline_answer.html", context, status=status)


def _require_available(session: Session, request_id: str, release_id: str, now: datetime) -> None:
    if release_id not in {row.id for row in available(session, request_id, now=now)}:
        raise web.HTTPNotFound


def _attachment(content: StoredContent) -> web.Response:
    # RFC 6266: the plain name for old programs, the real one beside it. Nothing is opened inside a page of ours.
    disposition = f"attachment; filename=\"answer\"; filename*=UTF-8''{quote(content.name.reveal(), safe='')}"
    return web.Response(
        body=content.content, content_type=content.media_type, headers={"Content-Disposition": disposition}
    )
