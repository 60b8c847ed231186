"""The door of the request's page: a receipt number and a fresh code, or the code that was printed beside it.

Whatever number is entered, the page does the same work and says the same words, so that nobody learns from it which
numbers there are.
"""

from __future__ import annotations

from http import HTTPStatus

from aiohttp import web

from bot.channels.gateway import Gateway
from bot.channels.rates.codes import code_limits
from bot.channels.timeline import case as timeline_case
from bot.channels.timeline.desk import Office, open_office
from bot.channels.timeline.forms import Fields, read_fields
from bot.channels.timeline.texts import FAULTS
from bot.channels.timeline.visit import PATH, set_cookie
from bot.channels.website.page_rendering import page
from bot.register.identity.codes import ask_by_number
from bot.register.identity.models import Purpose
from bot.register.thread.entering import enter_by_code, enter_by_resume_code

_UNUSABLE = int(HTTPStatus.UNPROCESSABLE_ENTITY)


def routes(gateway: Gateway) -> list[web.RouteDef]:
    """The door, and the rooms behind it."""
    office = open_office(gateway)
    door = _Door(office)
    return [web.get(PATH, door.show), web.post(PATH, door.act), *timeline_case.routes(office)]


class _Door:
    """The steps that lead in."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._limits = code_limits(office.gateway)

    async def show(self, request: web.Request) -> web.Response:
        """Asks for the number; reads nothing and changes nothing."""
        return _start(request)

    async def act(self, request: web.Request) -> web.StreamResponse:
        """Sends a code, or takes one."""
        form = await read_fields(request)
        if form.get("step") == "code":
            await self._limits.admit_try(request)
            return await self._take_code(request, form)
        number = form.get("number", "").strip()
        if not number:
            return _start(request, errors={"number": FAULTS["number", "missing"]}, entered=form)
        # Enter in the field of the printed code presses the first button of the form, which is the other one.
        if form.get("resume", "").strip():
            await self._limits.admit_try(request)
            return await self._take_resume_code(request, form)
        await self._limits.admit_wish(request)
        return await self._send(request, number)

    async def _send(self, request: web.Request, number: str) -> web.Response:
        settings, vault = self._office.settings, self._office.vault
        handle = await self._office.in_register(
            lambda session, now: ask_by_number(
                session,
                number,
                Purpose.OPEN,
                controller=self._office.gateway.controller,
                now=now,
                vault=vault,
                minutes=settings.code_minutes,
            )
        )
        return self._code_form(request, handle)

    async def _take_code(self, request: web.Request, form: Fields) -> web.StreamResponse:
        handle, typed = form.get("handle", ""), form.get("code", "")
        token = await self._office.in_register(
            lambda session, now: enter_by_code(
                session,
                handle,
                typed,
                now=now,
                vault=self._office.vault,
                minutes=self._office.settings.visit_minutes,
                table_of=self._office.rules.table_of,
            )
        )
        if token is None:
            return self._code_form(request, handle, errors={"code": FAULTS["code", "wrong"]})
        return self._let_in(token)

    async def _take_resume_code(self, request: web.Request, form: Fields) -> web.StreamResponse:
        token = await self._office.in_register(
            lambda session, now: enter_by_resume_code(
                session,
                form["number"],
                form["resume"],
                controller=self._office.gateway.controller,
                now=now,
                vault=self._office.vault,
                minutes=self._office.settings.visit_minutes,
            )
        )
        if token is None:
            return _start(request, errors={"resume": FAULTS["resume", "wrong"]}, entered=form)
        return self._let_in(token)

    def _code_form(self, request: web.Request, handle: str, *, errors: Fields | None = None) -> web.Response:
        minutes, contacts = self._office.settings.code_minutes, self._office.gateway.contacts
        context = {"state": "code", "handle": handle, "minutes": minutes, "contacts": contacts, "errors": errors or {}}
        return page(request, "timeline_door.html", context, status=_UNUSABLE if errors else HTTPStatus.OK)

    def _let_in(self, token: str) -> web.Response:
        response = web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": timeline_case.PATH})
        set_cookie(response, self._office.settings, token)
        return response


def _start(request: web.Request, *, errors: Fields | None = None, entered: Fields | None = None) -> web.Response:
    context = {"state": "start", "entered": entered or {}, "errors": errors or {}}
    return page(request, "timeline_door.html", context, status=_UNUSABLE if errors else HTTPStatus.OK)
