"""The secure page of a filed request: who asks and how to answer, past the chat and straight into the register.

Opening the link shows a button and nothing else, since previews and mail scanners open links too; the button opens
the form. The token stands in the path only: it is never logged and, by the headers, never sent on.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import TypeVar

import structlog
from aiohttp import web
from sqlalchemy.exc import NoResultFound

from bot.channels import dispatcher
from bot.channels.gateway import Gateway
from bot.channels.intake import InboundEvent, receive
from bot.channels.papers.papers import Frame, receipt_pdf
from bot.channels.rates.codes import code_limits
from bot.channels.request_page import texts
from bot.channels.request_page.form import ShownSister, build_form, check_form, shown_sisters
from bot.channels.request_page.steps import Outcome, Steps
from bot.channels.request_page.texts import Ending, ending_lines
from bot.channels.request_page.uploads import Submitted, read_submitted
from bot.channels.timeline.texts import sibling_words
from bot.channels.timeline.visit import PATH as TIMELINE
from bot.channels.website.guards import comes_from_here
from bot.channels.website.page_rendering import page
from bot.register.errors import DetailsWereGivenError, PageIsClosedError, PageIsUnknownError
from bot.register.life import TO_THE_DESK
from bot.register.pages import PageView
from bot.register.particulars import Asked

log = structlog.get_logger()

_PATH = "/request/{token:[A-Za-z0-9_-]{1,128}}"
T = TypeVar("T")


def routes(gateway: Gateway) -> list[web.RouteDef]:
    """The page before it is opened, and what its buttons do."""
    handlers = _Handlers(gateway)
    return [web.get(_PATH, handlers.show_closed), web.post(_PATH, handlers.act)]


class _Handlers:
    """The steps of the page; each ends in a rendered state that says honestly how things stand."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._steps = Steps(gateway)
        self._limits = code_limits(gateway)
        self._telling: set[asyncio.Task[None]] = set()
        self._buttons = {
            "submit": self._submit,
            "code": self._try_code,
            "send": self._send_code,
            "later": self._put_off,
            "print": self._print,
        }

    async def show_closed(self, request: web.Request) -> web.Response:
        """Reads nothing and changes nothing, whatever the token."""
        return _render(request, "closed")

    async def act(self, request: web.Request) -> web.Response:
        """Opens the form, or does what its button says."""
        try:
            outcome = await _in_thread(self._steps.view, request.match_info["token"])
            # A body may hold fifty megabytes: one at a time for each page, and none without a page.
            async with self._gateway.locks.of(outcome.view.draft_id):
                submitted = await read_submitted(request)
                self._expect_own_page(request, submitted)
                step = self._buttons.get(submitted.fields.get("step", ""), self._open)
                return await step(request, outcome, submitted)
        except PageIsUnknownError:
            return self._end(request, Ending.UNKNOWN)
        except PageIsClosedError:
            return self._end(request, Ending.EXPIRED)
        except web.HTTPRequestEntityTooLarge:
            return self._end(request, Ending.TOO_LARGE)

    def _expect_own_page(self, request: web.Request, submitted: Submitted) -> None:
        # The host site sends its members here with a token: that opens the form, which changes nothing.
        fields = submitted.fields
        is_handed_over = self._steps.rules.takes_member_tokens and "member_token" in fields and "step" not in fields
        if not comes_from_here(request) and not is_handed_over:
            raise web.HTTPForbidden(text="この操作は、入力ページのボタンから行ってください。")

    async def _open(self, request: web.Request, outcome: Outcome, submitted: Submitted) -> web.Response:
        if outcome.view.is_submitted:
            return self._end(request, Ending.SUBMITTED_BEFORE, outcome)
        handed_over = {"member_token": submitted.fields.get("member_token", "")}
        return self._form(request, outcome.view, Submitted(handed_over))

    async def _submit(self, request: web.Request, outcome: Outcome, submitted: Submitted) -> web.Response:
        if outcome.view.is_submitted:
            # The conversation is told again: the first submit may have died between the register and the inbox.
            await self._tell_conversation(outcome.view)
            return self._end(request, Ending.SUBMITTED_BEFORE, outcome)
        details, errors = check_form(submitted, self._asked(outcome.view), self._gateway.desk)
        if details is None:
            return self._form(request, outcome.view, submitted, errors)
        token, member_token = request.match_info["token"], submitted.fields.get("member_token", "")
        try:
            done = await _in_thread(
                lambda: self._steps.submit(
                    token,
                    details,
                    submitted.uploads,
                    member_token=member_token,
                    sisters=[one.id for one in self._sisters(submitted) if one.is_chosen],
                )
            )
        except DetailsWereGivenError:
            # Another process took the same press.
            done = await _in_thread(self._steps.view, token)
            await self._tell_conversation(done.view)
            return self._end(request, Ending.SUBMITTED_BEFORE, done)
        await self._tell_conversation(done.view)
        return self._code(request, done, email=details.email) or self._end(request, Ending.SUBMITTED, done)

    async def _send_code(self, request: web.Request, _outcome: Outcome, _submitted: Submitted) -> web.Response:
        await self._limits.admit_wish(request)
        sent = await _in_thread(self._steps.send_code, request.match_info["token"])
        return self._code(request, sent, is_again=True) or self._end(request, Ending.SUBMITTED_BEFORE, sent)

    async def _try_code(self, request: web.Request, outcome: Outcome, submitted: Submitted) -> web.Response:
        if not self._steps.wants_code(outcome.view):
            return self._end(request, Ending.SUBMITTED_BEFORE, outcome)
        await self._limits.admit_try(request)
        handle, typed = submitted.fields.get("handle", ""), submitted.fields.get("code", "")
        proved = await _in_thread(self._steps.try_code, request.match_info["token"], handle, typed)
        if proved is not None:
            return self._end(request, Ending.PROVED, proved)
        errors = {"code": texts.CODE_FAULT}
        return _render(
            request,
            "code",
            view=outcome.view,
            heading=texts.CODE_HEADING,
            handle=handle,
            minutes=self._gateway.settings.code_minutes,
            errors=errors,
            status=HTTPStatus.UNPROCESSABLE_ENTITY,
        )

    async def _put_off(self, request: web.Request, outcome: Outcome, _submitted: Submitted) -> web.Response:
        return self._end(request, Ending.SUBMITTED, outcome)

    async def _print(self, request: web.Request, outcome: Outcome, submitted: Submitted) -> web.Response:
        """The receipt to keep, with the code that was shown a moment ago, if it is this page's."""
        if not outcome.view.is_submitted:
            return await self._open(request, outcome, submitted)
        shown = submitted.fields.get("resume_code", "")
        code = shown if await _in_thread(self._steps.opens, shown, outcome.view) else ""
        page_url = self._gateway.settings.public_url.rstrip("/") + TIMELINE
        frame = Frame(self._gateway.desk, page_url, self._gateway.clock(), self._gateway.settings.caution)
        filed, others = outcome.view.receipts, outcome.siblings
        content = await asyncio.to_thread(receipt_pdf, filed, frame, resume_code=code, siblings=others)
        headers = {"Content-Disposition": 'attachment; filename="receipt.pdf"'}
        return web.Response(body=content, content_type="application/pdf", headers=headers)

    def _sisters(self, submitted: Submitted) -> list[ShownSister]:
        return shown_sisters(self._steps.sisters, submitted)

    def _asked(self, view: PageView) -> Asked:
        return view.asks(tuple(scope.title for scope in self._gateway.desk.scopes))

    def _form(
        self, request: web.Request, view: PageView, submitted: Submitted, errors: dict[str, str] | None = None
    ) -> web.Response:
        asked, desk, sisters = self._asked(view), self._gateway.desk, self._steps.sisters.values()
        form = build_form(asked, desk, self._steps.rules.table, submitted, errors, sisters=sisters)
        return _render(
            request,
            "form",
            heading=texts.MAIL_STOP_HEADING if form.asked.is_only_mail_stop else texts.HEADING,
            view=view,
            form=form,
            errors=form.errors,
            sisters=self._sisters(submitted),
            sends_code=bool(self._gateway.settings.smtp_url.get_secret_value()),
            stop_mail_url=self._gateway.settings.stop_mail_url,
            status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        )

    def _code(
        self, request: web.Request, outcome: Outcome, *, email: str | None = None, is_again: bool = False
    ) -> web.Response | None:
        """The form that takes the code; None when none is on its way."""
        if outcome.handle is None:
            return None
        return _render(
            request,
            "code",
            view=outcome.view,
            heading=texts.CODE_HEADING,
            handle=outcome.handle,
            minutes=self._gateway.settings.code_minutes,
            email=email,
            is_again=is_again,
        )

    def _end(self, request: web.Request, ending: Ending, outcome: Outcome | None = None) -> web.Response:
        settings, view = self._gateway.settings, None if outcome is None else outcome.view
        shown: dict[str, object] = {"view": view, "outcome": outcome, "timeline": TIMELINE}
        if view is not None:
            kinds = {receipt.kind for receipt in view.receipts}
            shown["wants_code"] = self._steps.wants_code(view)
            shown["is_identified"] = not TO_THE_DESK.issuperset(kinds)
            shown["stop_mail_url"] = settings.stop_mail_url if self._asked(view).is_only_mail_stop else ""
        lines = ending_lines(ending, hours=settings.page_hours, contacts=self._gateway.contacts)
        return _render(request, "ended", heading=ending.heading, lines=lines, status=ending.status, **shown)

    async def _tell_conversation(self, view: PageView) -> None:
        """Stores, once, that the conversation is to hear of it; what it says is worked out behind the answer."""
        if view.conversation_id is None:
            return
        event = InboundEvent(
            channel="system",
            event_id=f"details_received:{view.draft_id}",
            payload=f"/details_received{json.dumps({'draft': view.draft_id})}",
            conversation_id=view.conversation_id,
        )
        try:
            turn = await receive(self._gateway, event)
        except NoResultFound:
            log.info("details_received_without_conversation", draft=view.draft_id)
            return
        task = asyncio.create_task(dispatcher.answer(self._gateway, turn.turn_id, turn.conversation_id))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)


def _in_thread(step: Callable[..., T], *arguments: object) -> Awaitable[T]:
    return asyncio.to_thread(step, *arguments)


def _render(request: web.Request, state: str, *, status: int = HTTPStatus.OK, **content: object) -> web.Response:
    defaults: dict[str, object] = {
        "heading": texts.HEADING,
        "view": None,
        "form": None,
        "errors": {},
        "lines": [],
        "outcome": None,
        "email": None,
        "is_again": False,
        "wants_code": False,
        "is_identified": False,
        "stop_mail_url": "",
        "sisters": [],
        "sibling_words": sibling_words,
        "roles": texts.ROLES,
        "replies": texts.REPLIES,
        "files_hint": texts.FILES_HINT,
    }
    return page(request, "request.html", {**defaults, "state": state, **content}, status=int(status))
