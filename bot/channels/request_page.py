"""The secure page of a filed request: who asks and how to answer, past the chat and straight into the register.

Opening the link shows a button and nothing else, since previews and mail scanners open links too; the button opens
the form. The token stands in the path only: it is never logged and, by the headers, never sent on.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

import structlog
from aiohttp import web
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from bot.channels import dispatcher
from bot.channels.gateway import Gateway
from bot.channels.guards import comes_from_here
from bot.channels.intake import InboundEvent, receive
from bot.channels.page_rendering import page
from bot.channels.request_page_texts import FAULTS, HEADING, ROLES, Ending, ending_lines
from bot.register.details import Details, read_details
from bot.register.errors import (
    DetailsAreUnusableError,
    DetailsWereGivenError,
    PageIsClosedError,
    PageIsUnknownError,
)
from bot.register.pages import PageView, open_page, submit_details
from bot.storage.engine import transaction

log = structlog.get_logger()

_PATH = "/request/{token:[A-Za-z0-9_-]{1,128}}"
_FIELDS = ("role", "name", "email", "email_again", "remarks")
_NOTHING_ENTERED = dict.fromkeys(_FIELDS, "")


def routes(gateway: Gateway) -> list[web.RouteDef]:
    """The page before it is opened, and what its two buttons do."""
    handlers = _Handlers(gateway)
    return [web.get(_PATH, handlers.show_closed), web.post(_PATH, handlers.act)]


class _Handlers:
    """The steps of the page; each ends in a rendered state that says honestly how things stand."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._telling: set[asyncio.Task[None]] = set()

    async def show_closed(self, request: web.Request) -> web.Response:
        """Reads nothing and changes nothing, whatever the token."""
        return _render(request, "closed")

    async def act(self, request: web.Request) -> web.Response:
        """Opens the form, or submits it."""
        if not comes_from_here(request):
            raise web.HTTPForbidden(text="この操作は、入力ページのボタンから行ってください。")
        form = {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
        step = self._submit if form.get("step") == "submit" else self._open
        return await self._ending_honestly(request, lambda: step(request, form))

    async def _open(self, request: web.Request, _form: Mapping[str, str]) -> web.Response:
        view = await self._view(request.match_info["token"])
        if view.is_submitted:
            return self._end(request, Ending.SUBMITTED_BEFORE, view)
        return _render(request, "form", view=view, entered=_NOTHING_ENTERED)

    async def _submit(self, request: web.Request, form: Mapping[str, str]) -> web.Response:
        token = request.match_info["token"]
        view = await self._view(token)
        details, errors = read_form(form)
        if details is None:
            entered = {name: form.get(name, "") for name in _FIELDS}
            return _render(request, "form", view=view, entered=entered, errors=errors, status=422)
        try:
            await self._in_register(
                lambda session, now: submit_details(session, token, details, now=now, vault=self._gateway.vault)
            )
        except DetailsWereGivenError:
            # The conversation is told again: the first submit may have died between the register and the inbox.
            await self._tell_conversation(view)
            return self._end(request, Ending.SUBMITTED_BEFORE, view)
        await self._tell_conversation(view)
        return self._end(request, Ending.SUBMITTED, view)

    async def _ending_honestly(self, request: web.Request, step: Callable[[], Awaitable[web.Response]]) -> web.Response:
        try:
            return await step()
        except PageIsUnknownError:
            return self._end(request, Ending.UNKNOWN)
        except PageIsClosedError:
            return self._end(request, Ending.EXPIRED)

    async def _view(self, token: str) -> PageView:
        return await self._in_register(lambda session, now: open_page(session, token, now=now))

    async def _in_register(self, step: Callable[[Session, datetime], PageView]) -> PageView:
        def work() -> PageView:
            with transaction(self._gateway.engine) as session:
                return step(session, self._gateway.clock())

        return await asyncio.to_thread(work)

    async def _tell_conversation(self, view: PageView) -> None:
        """Stores, once, that the conversation is to hear of it; what it says is worked out behind the answer."""
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

    def _end(self, request: web.Request, ending: Ending, view: PageView | None = None) -> web.Response:
        settings = self._gateway.settings
        lines = ending_lines(ending, hours=settings.page_hours, contacts=self._gateway.contacts)
        return _render(request, "ended", view=view, heading=ending.heading, lines=lines, status=ending.status)


def read_form(form: Mapping[str, str]) -> tuple[Details | None, dict[str, str]]:
    """The details, or the sentence to show beside each field that cannot be used."""
    errors: dict[str, str] = {}
    details = None
    try:
        details = read_details(form)
    except DetailsAreUnusableError as error:
        errors = {name: FAULTS[name, fault] for name, fault in error.faults.items()}
    if "email" not in errors and form.get("email", "").strip() != form.get("email_again", "").strip():
        errors["email_again"] = FAULTS["email_again", "different"]
    return (None, errors) if errors else (details, {})


def _render(request: web.Request, state: str, *, status: int = 200, **content: object) -> web.Response:
    defaults: dict[str, object] = {
        "heading": HEADING,
        "view": None,
        "entered": {},
        "errors": {},
        "lines": [],
        "roles": ROLES,
    }
    return page(request, "request.html", {**defaults, "state": state, **content}, status=status)
