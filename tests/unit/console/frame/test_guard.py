"""Nobody reaches a page without a session, a right, and, for steps, a form of their own."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from bot.clock import system_clock
from bot.console.app import ROUTES
from bot.staff.models import StaffEvent, StaffSession
from bot.staff.roles import RIGHTS_OF, Right, Role
from tests.support.console import Desk, console_settings, running_console


def _all(query: Select[str], session: Session) -> list[str]:
    return list(session.scalars(query))


async def test_strangers_are_sent_to_the_log_in(desk: Desk) -> None:
    browser = await desk.stranger()
    for route in ROUTES:
        if route.right is not None and route.method == "GET":
            response = await browser.get(route.path.replace("{", "").replace("}", ""), allow_redirects=False)
            assert (response.status, response.headers.get("Location")) == (303, "/login"), route.path


async def test_a_post_without_session_is_refused_and_not_redirected(desk: Desk) -> None:
    browser = await desk.stranger()
    response = await browser.post("/logout", data={}, allow_redirects=False)
    assert response.status == 401


async def test_what_a_role_may_not_is_refused_and_noted(desk: Desk) -> None:
    for role in Role:
        staff = await desk.signed_in(role)
        forbidden = [route for route in ROUTES if route.right is not None and route.right not in RIGHTS_OF[role]]
        for route in forbidden:
            path = route.path.replace("{", "").replace("}", "")
            if route.method == "GET":
                await staff.get(path, status=403)
            else:
                await staff.post(path, status=403)
        query = select(StaffEvent.id).where(StaffEvent.actor == staff.actor, StaffEvent.action == "page:refused")
        noted = await desk.console.read(partial(_all, query))
        assert len(noted) == len(forbidden)


async def test_a_form_of_another_site_or_another_session_does_nothing(desk: Desk) -> None:
    staff = await desk.signed_in(Role.VIEWER)
    other = await desk.signed_in(Role.OFFICER)
    token = await staff.csrf()
    for data, headers in (
        ({"csrf": token}, {"Sec-Fetch-Site": "cross-site"}),
        ({"csrf": token}, {"Origin": "https://evil.example"}),
        ({"csrf": await other.csrf()}, {"Sec-Fetch-Site": "same-origin"}),
        ({}, {"Sec-Fetch-Site": "same-origin"}),
    ):
        response = await staff.client.post("/logout", data=data, headers=headers, allow_redirects=False)
        assert response.status == 403
    await staff.get("/nowhere", status=404)


async def test_logging_out_ends_the_session_on_the_server(desk: Desk) -> None:
    staff = await desk.signed_in(Role.VIEWER)
    where, _ = await staff.post("/logout")
    assert where == "/login"
    response = await staff.client.get("/nowhere", allow_redirects=False)
    assert response.status == 303


async def test_an_idle_session_ends(desk: Desk) -> None:
    staff = await desk.signed_in(Role.VIEWER)

    def age(session: Session) -> None:
        row = session.scalars(select(StaffSession)).one()
        row.used_at = system_clock() - timedelta(minutes=31)

    await desk.console.write(age)
    response = await staff.client.get("/nowhere", allow_redirects=False)
    assert response.status == 303


async def test_every_response_carries_the_headers(desk: Desk) -> None:
    browser = await desk.stranger()
    for path in ("/healthz", "/login", "/nowhere", "/static/console.css"):
        response = await browser.get(path, allow_redirects=False)
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy


def test_every_role_can_be_told_apart() -> None:
    assert len(set(RIGHTS_OF.values())) == len(Role)
    assert not RIGHTS_OF[Role.ADMIN] & {Right.APPROVE, Right.REVEAL_CONTACT, Right.REVEAL_TALKS, Right.PUBLISH}


async def test_behind_a_proxy_that_ends_tls_the_cookie_belongs_to_this_host_alone(database_url: str) -> None:
    settings = console_settings(database_url, console_url="https://console.example.jp")
    async with running_console(settings) as desk:
        token = await desk.token(Role.VIEWER)
        browser = await desk.stranger()
        for name, status in (("__Host-console", 404), ("console", 303)):
            response = await browser.get("/nowhere", headers={"Cookie": f"{name}={token}"}, allow_redirects=False)
            assert response.status == status
        assert "Strict-Transport-Security" in response.headers
