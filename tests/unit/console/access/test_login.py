"""The log-in page: who gets in, with which cookie, and what another site's page can do about it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from bot.staff.models import Account, StaffEvent, StaffSession
from bot.storage.engine import reading, transaction
from tests.support.console import Desk, console_settings, running_console
from tests.support.console_entry import cookie_of, form_of, send
from tests.support.staff_people import PASSWORD, app_code, ready_person

NOW = datetime(2026, 11, 26, 9, 0, 10, tzinfo=UTC)


def code(desk: Desk, now: datetime) -> str:
    with reading(desk.console.engine) as session:
        return app_code(session.get_one(Account, ("sato", "eparkrelax")), now)


def prepare(desk: Desk) -> dict[str, str]:
    """Sato, who was set up an hour ago, and what they type now."""
    with transaction(desk.console.engine) as session:
        ready_person(session, now=desk.clock() - timedelta(hours=1))
    return {"id": "sato", "password": PASSWORD, "code": code(desk, desk.clock())}


async def test_the_right_three_open_the_first_page(desk: Desk) -> None:
    typed, browser = prepare(desk), await desk.stranger()
    response = await send(browser, "/login", **typed)
    assert (response.status, response.headers["Location"]) == (303, "/")
    cookie = response.cookies["console"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"]) == (True, "Strict", "/", "")
    assert (await browser.get("/account")).status == 200
    with reading(desk.console.engine) as session:
        row = session.scalars(select(StaffSession)).one()
    assert cookie.value not in (row.id, row.token_hash)
    assert row.opened_by == "password"


async def test_a_refusal_tells_nothing_and_keeps_only_the_id(desk: Desk) -> None:
    typed, browser = prepare(desk), await desk.stranger()
    for wrong in ({"password": "x" * 20}, {"code": "000000"}, {"id": "nobody"}):
        response = await send(browser, "/login", **typed | wrong)
        text = await response.text()
        assert response.status == 401
        assert "console" not in response.cookies
        assert "ID・パスワード・確認コードのいずれかが正しくありません。" in text
        assert PASSWORD not in text
    assert 'value="nobody"' in text


async def test_too_many_tries_are_told_when_it_goes_on(database_url: str) -> None:
    async with running_console(console_settings(database_url, rate_all_logins="1/minute"), lambda: NOW) as desk:
        browser = await desk.stranger()
        typed = {"id": "nobody", "password": "x", "code": "1"}
        assert (await send(browser, "/login", **typed)).status == 401
        response = await send(browser, "/login", **typed)
        assert (response.status, response.headers["Retry-After"]) == (429, "50")


async def test_a_session_id_that_a_browser_brings_along_is_never_taken_over(desk: Desk) -> None:
    typed, browser = prepare(desk), await desk.stranger()
    browser.session.cookie_jar.update_cookies({"console": "planted-by-somebody"})
    response = await send(browser, "/login", **typed)
    assert cookie_of(response) != "planted-by-somebody"
    stranger = await desk.stranger()
    kept = await stranger.get("/account", headers={"Cookie": "console=planted-by-somebody"}, allow_redirects=False)
    assert kept.status == 303


async def test_logging_in_again_ends_the_session_before(desk: Desk) -> None:
    typed = prepare(desk)
    other = await desk.signed_in(account_id="sato")
    response = await send(other.client, "/login", **typed)
    assert response.status == 303
    with reading(desk.console.engine) as session:
        ended = session.scalars(select(StaffSession).order_by(StaffSession.opened_at)).all()
    assert [one.ended_at is None for one in ended] == [False, True]


async def test_another_sites_page_cannot_log_anybody_in(desk: Desk) -> None:
    typed, browser = prepare(desk), await desk.stranger()
    token = await form_of(browser, "/login")
    stranger = await desk.stranger()
    for client, data, headers in (
        (browser, {"csrf": token}, {"Sec-Fetch-Site": "cross-site"}),
        (browser, {"csrf": token}, {"Origin": "https://evil.example"}),
        (browser, {}, {}),
        (browser, {"csrf": "0" * 64}, {}),
        (stranger, {"csrf": token}, {}),
    ):
        response = await client.post("/login", data=typed | data, headers=headers, allow_redirects=False)
        assert response.status in {400, 403}
        assert "console" not in response.cookies


@pytest.mark.parametrize("name", ["next", "return_to", "url", "redirect"])
async def test_nobody_is_sent_anywhere_but_to_the_first_page(desk: Desk, name: str) -> None:
    typed, browser = prepare(desk), await desk.stranger()
    page = f"/login?{name}=https://evil.example/"
    text = await (await browser.get(page)).text()
    assert "evil.example" not in text
    response = await send(browser, page, **typed, **{name: "https://evil.example/"})
    assert (response.status, response.headers["Location"]) == (303, "/")


async def test_log_in_and_log_out_stand_in_the_trail(desk: Desk) -> None:
    typed, browser = prepare(desk), await desk.stranger()
    await send(browser, "/login", **typed)
    token = await form_of(browser, "/account")
    response = await browser.post("/logout", data={"csrf": token}, allow_redirects=False)
    assert response.headers["Clear-Site-Data"] == '"cache", "storage"'
    with reading(desk.console.engine) as session:
        rows = session.scalars(select(StaffEvent).order_by(StaffEvent.position)).all()
    assert [(row.actor, row.action) for row in rows] == [
        ("staff:sato", "session:opened"),
        ("staff:sato", "session:closed"),
    ]


async def test_without_a_provider_there_is_no_way_to_it(desk: Desk) -> None:
    browser = await desk.stranger()
    assert "/login/oidc" not in await (await browser.get("/login")).text()
    for path in ("/login/oidc", "/login/oidc/callback?code=x&state=y"):
        assert (await browser.get(path, allow_redirects=False)).status in {400, 403}
