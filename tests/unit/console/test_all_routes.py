"""Every route of the console, whoever asks and whatever they send: no failure, no second half by the first person."""

from __future__ import annotations

import re

import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.console.app import ROUTES
from bot.console.frame.routes import Route
from bot.register.decisions.models import AnswerRelease, Decision
from bot.staff.roles import RIGHTS_OF, Right, Role
from tests.support.console import Desk, Staff
from tests.support.request_screens import PDF, Screen, enter_request

_PLACEHOLDER = re.compile(r"\{(\w+)(?::[^}]*)?\}")
_NONSENSE = ("", "0", "' OR 1=1 --", "../../etc/passwd", "あ" * 600, "😀\x00\u202e", "-1", "9" * 40)
_FIELDS = (
    *("id", "version", "seen", "text", "name", "email", "role", "reason", "kind", "number", "channel", "received_at"),
    *("question", "questions", "policy_id", "from", "to", "set", "subject", "after", "to_whom", "deputy", "slack"),
)
# A session ends with these, and what follows would say nothing.
_ENDING = re.compile(r"/(logout|account/.*|people/.*)")
# After these the request would no longer be where a second half is open.
_ENDING_THE_TRIAL = ("/withdraw", "/ask", "/reject")

GUARDED = [route for route in ROUTES if route.right is not None]
STEPS = [route for route in GUARDED if route.method == "POST" and not _ENDING.fullmatch(route.path)]


def _path(route: Route, id_: str) -> str:
    return _PLACEHOLDER.sub(id_, route.path)


@pytest.mark.parametrize("id_", ["0" * 32, "%E3%81%82", "%00"])
async def test_no_page_fails_for_an_id_that_is_none(desk: Desk, id_: str) -> None:
    for role in Role:
        staff = await desk.signed_in(role, sees_sensitive=True)
        for route in GUARDED:
            if route.method == "GET":
                path = f"{_path(route, id_)}?after={id_}&state={id_}&q={id_}&from={id_}"
                response = await staff.client.get(path, allow_redirects=False)
                may = route.right in RIGHTS_OF[role]
                assert response.status < 500 if may else response.status == 403, (route.path, role, response.status)


@pytest.mark.parametrize("turn", range(2))
async def test_no_step_fails_for_a_form_that_makes_no_sense(desk: Desk, turn: int) -> None:
    id_ = await enter_request(desk)
    officer, admin = await desk.signed_in(Role.OFFICER, sees_sensitive=True), await desk.signed_in(Role.ADMIN)
    for place, route in enumerate(STEPS):
        staff = officer if route.right in RIGHTS_OF[Role.OFFICER] else admin
        await _send(staff, _path(route, id_), _nonsense_for(route, place + turn))


async def test_nobody_does_both_halves_by_any_form_that_another_is_shown(desk: Desk) -> None:
    id_ = await enter_request(desk)
    ken, aya = [Screen(await desk.signed_in(Role.OFFICER, name, sees_sensitive=True), id_) for name in ("ken", "aya")]
    await ken.verify()
    await ken.do("begin")
    await ken.do("propose", choice="granted:", explanation="お送りします。", detail="1件の記録")
    await _send_what_another_is_shown(ken, aya)
    assert await _seconds_of(desk, ken) == []

    await aya.do("approve", decision=await aya.hidden("approve-decision"))
    await ken.do("prepare", delivery="post", file=PDF)
    await _send_what_another_is_shown(ken, aya)
    assert await _seconds_of(desk, ken) == []


def test_every_second_half_is_kept_from_whoever_may_not_be_a_second_person() -> None:
    second = {route.path for route in ROUTES if route.right in {Right.APPROVE, Right.PUBLISH}}
    assert {"/requests/{id}/approve", "/requests/{id}/release"} <= second


async def _send(staff: Staff, path: str, fields: dict[str, str]) -> None:
    form = {**fields, "csrf": await staff.csrf()}
    response = await staff.client.post(
        path, data=form, headers={"Sec-Fetch-Site": "same-origin"}, allow_redirects=False
    )
    assert response.status < 500, (path, response.status, (await response.text())[:3000])


def _nonsense_for(route: Route, turn: int) -> dict[str, str]:
    step = route.path.rpartition("/")[2]
    names = [name for field in _FIELDS for name in (field, f"{step}-{field}")]
    return {name: _NONSENSE[(place + turn) % len(_NONSENSE)] for place, name in enumerate(names)} | {"seen": "0"}


async def _send_what_another_is_shown(who: Screen, another: Screen) -> None:
    """Sends every form of the other's page in one's own name, each on the newest state of things."""
    forms = LexborHTMLParser(await another.look()).css("form[action]")
    for form in forms:
        path = str(form.attributes["action"])
        if path.startswith("/requests/") and not path.endswith(_ENDING_THE_TRIAL):
            await _send(who.staff, path, {**_filled_in(form), "seen": await another.seen()})


def _filled_in(form: LexborNode) -> dict[str, str]:
    filled: dict[str, str] = {}
    for node in form.css("input[name], textarea[name], select[name]"):
        options = [str(option.attributes.get("value") or "") for option in node.css("option")]
        value = next((option for option in options if option), "") if options else node.attributes.get("value")
        filled[str(node.attributes["name"])] = str(value or "代わりに書いた文")
    return filled


async def _seconds_of(desk: Desk, who: Screen) -> list[str]:
    """What this person, who did every first half, did of the second."""
    actor = who.staff.actor

    def look(session: Session) -> list[str]:
        decisions = select(Decision.id).where(Decision.approved_by == actor)
        releases = select(AnswerRelease.id).where(AnswerRelease.released_by == actor)
        return [*session.scalars(decisions), *session.scalars(releases)]

    return await desk.console.read(look)
