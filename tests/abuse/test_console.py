"""Every form and address of the console, filled with what nobody types: refused or taken, and never broken."""

from __future__ import annotations

import re
from pathlib import Path
from typing import cast
from urllib.parse import quote

from bot.console.app import ROUTES
from bot.console.frame.routes import Route
from bot.console.trying.tools import TOOLS
from bot.evaluation.runs.subjects import Subjects
from bot.staff.roles import Role
from tests.support.console import Staff, console_settings, running_console
from tests.support.regression import StubSubjects

_TEXTS = (
    "開\0示\u202e\ud83d\U000e0041".encode("utf-8", "replace").decode(),
    "ｶﾞ\u3099👨‍👩‍👧‍👦\x1b[2J" * 200,
    "1" * 5_000,
    "-1",
    "2026-02-30",
    "../../etc/passwd",
)
_TEMPLATES = Path("bot/console/templates")
_PARAMETER = re.compile(r"\{\w+(?::(?:[^{}]|\{[^{}]*\})+)?\}")
_ENDS_THE_SESSION = {"/logout"}


def _field_names() -> list[str]:
    found = {
        name for page in _TEMPLATES.rglob("*.html") for name in re.findall(r'name="([a-z_]+)"', page.read_text("utf-8"))
    }
    return sorted(found - {"csrf"})


def _address(route: Route, text: str) -> str:
    return _PARAMETER.sub(lambda _: quote(text[:200], safe=""), route.path)


async def test_no_form_and_no_address_breaks_the_console(database_url: str) -> None:
    async with running_console(console_settings(database_url)) as desk:
        desk.server.app[TOOLS].subjects = cast("Subjects", StubSubjects())
        staff = await desk.signed_in(Role.ADMIN, sees_sensitive=True)
        names = _field_names()
        broken = [
            (route.method, route.path, ascii(text[:20]), status)
            for route in ROUTES
            if route.path not in _ENDS_THE_SESSION
            for text in _TEXTS
            if (status := await _status(staff, route, text, names)) >= 500
        ]
    assert broken == []


async def _status(staff: Staff, route: Route, text: str, names: list[str]) -> int:
    address = _address(route, text)
    if route.method == "GET":
        answer = await staff.client.get(address, params=dict.fromkeys(names[:40], text[:60]), allow_redirects=False)
    else:
        form = {"csrf": await staff.csrf()} | dict.fromkeys(names, text)
        headers = {"Sec-Fetch-Site": "same-origin"}
        answer = await staff.client.post(address, data=form, headers=headers, allow_redirects=False)
    await answer.release()
    return answer.status
