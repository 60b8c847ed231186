"""今日, お問い合わせ, entry, calendar and export in a real browser: no barrier in any state, all of it by keyboard."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from bot.clock import in_tokyo, system_clock
from bot.register.kinds import Kind
from bot.staff.roles import Role
from tests.browser.console.conftest import At
from tests.support.barriers import expect_no_barriers
from tests.support.console import Desk
from tests.support.request_screens import Screen, enter_request

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

_SHOTS = os.environ.get("MADOGUCHI_SHOTS", "")
_WIDTHS = (1280, 400)


async def _look(page: Page, name: str) -> None:
    """No barrier at any width, and nothing that scrolls sideways."""
    for width in _WIDTHS:
        await page.set_viewport_size({"width": width, "height": 900})
        await expect_no_barriers(page)
        if _SHOTS:
            await page.screenshot(path=Path(_SHOTS) / f"{name}-{width}.png", full_page=True)
    await page.set_viewport_size({"width": 1280, "height": 900})


async def _some(desk: Desk) -> str:
    """Something for every section of 今日; gives the id of an inquiry."""
    await enter_request(desk, Kind.ERASURE, days=20, reachable=False)
    await enter_request(desk, Kind.DISCLOSURE, days=14)
    await enter_request(desk, Kind.CORRECTION, days=12)
    complaint = await enter_request(desk, Kind.COMPLAINT, scope=None, days=4)
    inquiry = await enter_request(desk, Kind.INQUIRY, scope=None, days=2)
    ken = await desk.signed_in(Role.COUNSELLOR, "ken")
    await Screen(ken, complaint).do("urgent", on="yes")
    await Screen(ken, complaint).do("reply", text="まだでしょうか。")
    await Screen(ken, inquiry).do("message", text="確認しています。")
    await Screen(ken, inquiry).do("note", text="担当部署に問い合わせ中。")
    return inquiry


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_no_screen_of_the_desk_has_a_barrier(desk: Desk, at_desk: At, scheme: str) -> None:
    inquiry = await _some(desk)
    due = in_tokyo(system_clock()).date()
    async with at_desk(Role.OFFICER, "aya", color_scheme=scheme, java_script_enabled=True) as visitor:
        for path, name in (
            ("/", "today"),
            ("/inbox", "inbox"),
            (f"/inbox/{inquiry}", "inquiry"),
            ("/calendar", "calendar"),
            (f"/calendar/{due.isoformat()}", "day"),
            ("/entry?channel=phone&kind=correction", "entry"),
            ("/export?kind=disclosure", "export"),
        ):
            await visitor.page.goto(f"{visitor.url}{path}")
            await _look(visitor.page, f"{name}-{scheme}")


async def test_an_inquiry_is_answered_by_keyboard_and_without_script(desk: Desk, at_desk: At) -> None:
    inquiry = await _some(desk)
    async with at_desk(Role.OFFICER, "aya", java_script_enabled=False) as visitor:
        page = visitor.page
        await page.goto(f"{visitor.url}/")
        await page.locator(f'section[aria-labelledby="inquiries"] a[href="/inbox/{inquiry}"]').press("Enter")
        await page.get_by_label("ひな型").select_option("not_in_policy")
        await page.get_by_role("button", name="本文に入れる").press("Enter")
        visitor.expected = ("422",)
        await page.get_by_role("button", name="回答する").press("Enter")
        await expect(page.get_by_role("alert")).to_contain_text("ひな型の")
        visitor.expected = ()
        await page.locator("#reply-text").fill("方針には書かれていません。社内で確認し、あらためてお答えします。")
        await page.get_by_role("button", name="回答する").press("Enter")
        await expect(page.get_by_role("status")).to_contain_text("回答を記録しました")
        await page.get_by_role("button", name="伝えたことを記録").press("Enter")
        await page.get_by_role("button", name="完了にする").press("Enter")
        await expect(page.get_by_role("status")).to_have_text("完了しました。")


async def test_a_call_is_entered_by_keyboard(desk: Desk, at_desk: At) -> None:
    await _some(desk)
    yesterday = in_tokyo(system_clock()).date() - timedelta(days=1)
    async with at_desk(Role.COUNSELLOR, "mei", java_script_enabled=True) as visitor:
        page = visitor.page
        await page.goto(f"{visitor.url}/entry")
        visitor.expected = ("422",)
        await page.get_by_role("button", name="内容を確かめる").press("Enter")
        await expect(page.get_by_role("alert")).to_contain_text("どのように届いたか")
        await expect_no_barriers(page)
        visitor.expected = ()
        await page.get_by_label("経路").select_option("phone")
        await page.get_by_label("届いた日").fill(yesterday.isoformat())
        await page.get_by_label("開示", exact=True).press("Space")
        await page.get_by_label("内容（").fill("予約履歴を見たいとのこと。")
        await page.get_by_label("氏名", exact=True).fill("見本 花子")
        await page.get_by_label("メールアドレス").fill("member@example.jp")
        await page.get_by_role("button", name="内容を確かめる").press("Enter")
        await expect(page.get_by_role("heading", name="この内容で受け付けますか")).to_be_visible()
        await _look(page, "entry-look")
        await page.get_by_role("button", name="この内容で受け付ける").press("Enter")
        await expect(page.get_by_role("status")).to_contain_text("次の番号で受け付けました")
        await _look(page, "entry-filed")
