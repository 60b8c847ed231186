"""The ways into the console in a real browser: by a link, by the provider, back out; and the screens about people."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Page, expect
from pydantic import SecretStr

from bot.staff import invitations, second_factor
from bot.staff.models import Account
from bot.staff.roles import Role
from bot.storage.engine import transaction
from tests.browser.console.conftest import At
from tests.support.barriers import expect_no_barriers
from tests.support.browsing import visiting
from tests.support.console import Desk, console_settings, running_console
from tests.support.oidc_issuer import CLIENT_ID, CLIENT_SECRET, running_issuer
from tests.support.staff_people import PASSWORD, VAULT, code_of, person

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

_SHOTS = os.environ.get("MADOGUCHI_SHOTS", "")


async def _look(page: Page, name: str) -> None:
    """No barrier at any width, and nothing that scrolls sideways."""
    for width in (1280, 400):
        await page.set_viewport_size({"width": width, "height": 900})
        await expect_no_barriers(page)
        assert await page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
        if _SHOTS:
            await page.screenshot(path=Path(_SHOTS) / f"{name}-{width}.png", full_page=True)
    await page.set_viewport_size({"width": 1280, "height": 900})


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_screens_of_people_and_ways_in_have_no_barrier(desk: Desk, at_desk: At, scheme: str) -> None:
    await desk.signed_in(Role.OFFICER, "sato")
    await desk.signed_in(Role.COUNSELLOR, "suzuki")
    async with at_desk(Role.ADMIN, "mori", color_scheme=scheme) as visitor:
        page = visitor.page
        for path in ("people", "people/sato", "people/mori", "sessions", "account"):
            await page.goto(f"{visitor.url}/{path}")
            for fold in await page.locator("details > summary").all():
                await fold.click()
            await _look(page, f"{path.replace('/', '-')}-{scheme}")
        await page.goto(f"{visitor.url}/people")
        await _invite(page)
        await _look(page, f"link-{scheme}")
        path = urlsplit(await page.get_by_label("このリンクを、本人だけに渡してください。").input_value()).path
        await page.goto(visitor.url + path)
        await expect(page.get_by_alt_text("認証アプリ用の QR コード")).to_be_visible()
        await _look(page, f"setup-{scheme}")
        await page.goto(f"{visitor.url}/login")
        await _look(page, f"login-{scheme}")


async def _invite(page: Page) -> None:
    await page.get_by_label("ID").fill("ito")
    await page.get_by_label("名前").fill("伊藤")
    await page.get_by_label("メールアドレス").fill("ito@example.jp")
    await page.get_by_role("button", name="招待のリンクを作る").click()


async def test_an_invited_person_gets_in_by_the_link_without_scripts_and_by_keyboard(desk: Desk, at_desk: At) -> None:
    async with at_desk(Role.ADMIN, "mori") as admin:
        await admin.page.goto(f"{admin.url}/people")
        await _invite(admin.page)
        link = await admin.page.get_by_label("このリンクを、本人だけに渡してください。").input_value()
        token = link.rpartition("/")[2]
        browser = admin.context.browser
        assert browser is not None
        async with visiting(browser, admin.url, java_script_enabled=False) as visitor:
            page = visitor.page
            await page.goto(f"{admin.url}/setup/{token}")
            await page.get_by_label("新しいパスワード").fill(PASSWORD)
            await page.get_by_label("もう一度").fill(PASSWORD)
            code = code_of(second_factor.secret_for(token, VAULT), desk.clock())
            await page.get_by_label("確認コード").fill(code)
            await page.keyboard.press("Enter")
            await page.wait_for_url(f"{admin.url}/")
            await page.goto(f"{admin.url}/account")
            await expect(page.get_by_role("heading", name="伊藤")).to_be_visible()
            await page.get_by_role("button", name="ログアウト").click()
            await expect(page.get_by_role("heading", name="窓口コンソール")).to_be_visible()
            assert not visitor.faults
        assert not admin.faults


async def test_the_provider_on_another_site_brings_the_browser_back_logged_in(
    chromium: Browser, sqlite_template: Path, tmp_path: Path
) -> None:
    database = tmp_path / "console.db"
    shutil.copy(sqlite_template, database)
    async with running_issuer(host="localhost") as issuer:
        issuer.redirect_uri = "http://127.0.0.1:8081/login/oidc/callback"
        settings = console_settings(
            f"sqlite:///{database}",
            oidc_issuer=issuer.url,
            oidc_client_id=CLIENT_ID,
            oidc_client_secret=SecretStr(CLIENT_SECRET),
        )
        async with running_console(settings) as desk:
            url = str(desk.server.make_url("/")).rstrip("/")
            issuer.really_at = f"{url}/login/oidc/callback"
            with transaction(desk.console.engine) as session:
                invitations.issue(session, person(session, now=desk.clock()), now=desk.clock())
            async with visiting(chromium, url) as visitor:
                page = visitor.page
                await page.goto(f"{url}/login")
                await page.get_by_role("link", name="組織のアカウントでログイン").click()
                await page.wait_for_url(f"{url}/")
                await expect(page.get_by_role("link", name="見本 sato")).to_be_visible()
                assert not visitor.faults
            with transaction(desk.console.engine) as session:
                assert session.get_one(Account, ("sato", "eparkrelax")).subject == "subject-1"
