"""The queue and one request in a real browser: no barrier in any state, nothing that scrolls sideways."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from bot.register.kinds import Kind
from bot.staff.roles import Role
from tests.browser.console.conftest import At
from tests.support.barriers import expect_no_barriers
from tests.support.console import Desk
from tests.support.request_screens import Screen, enter_request

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

_SHOTS = os.environ.get("MADOGUCHI_SHOTS", "")
_WIDTHS = (1280, 400)
_CHOICE = "denied:disclosure-breaks-law"


async def _look(page: Page, name: str) -> None:
    """No barrier at any width, and nothing that scrolls sideways."""
    for width in _WIDTHS:
        await page.set_viewport_size({"width": width, "height": 900})
        await expect_no_barriers(page)
        assert await page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
        if _SHOTS:
            await page.screenshot(path=Path(_SHOTS) / f"{name}-{width}.png", full_page=True)
    await page.set_viewport_size({"width": 1280, "height": 900})


async def _some(desk: Desk) -> str:
    """A list with every sort of mark; gives the id of a request in review."""
    await enter_request(desk, Kind.ERASURE, days=20, reachable=False)
    await enter_request(desk, Kind.DISCLOSURE, days=13, scope="健康情報")
    complaint = await enter_request(desk, Kind.COMPLAINT, scope=None, days=4)
    id_ = await enter_request(desk, days=2)
    ken = Screen(await desk.signed_in(Role.COUNSELLOR, "ken"), id_)
    await Screen(ken.staff, complaint).do("urgent", on="yes")
    await Screen(ken.staff, complaint).do("reply", text="まだでしょうか。")
    await ken.verify()
    await ken.do("assign", to="staff:ken")
    await ken.do("begin")
    await ken.do("note", text="予約の記録は店舗の台帳にもある。")
    await ken.do("ask", text="いつの予約でしょうか。")
    await ken.do("reply", text="今年の分だけでよいです。")
    return id_


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_queue_and_request_have_no_barrier(desk: Desk, at_desk: At, scheme: str) -> None:
    id_ = await _some(desk)
    async with at_desk(Role.OFFICER, "aya", color_scheme=scheme, java_script_enabled=True) as visitor:
        page = visitor.page
        await page.goto(f"{visitor.url}/requests")
        await _look(page, f"queue-{scheme}")
        await page.goto(f"{visitor.url}/requests/{id_}")
        await _look(page, f"request-{scheme}")
        for fold in await page.locator("details.fold > summary").all():
            await fold.click()
        await _look(page, f"request-open-{scheme}")


async def test_a_refusal_is_written_previewed_and_proposed_by_keyboard(desk: Desk, at_desk: At) -> None:
    id_ = await _some(desk)
    async with at_desk(Role.OFFICER, "aya") as visitor:
        page = visitor.page
        await page.goto(f"{visitor.url}/requests/{id_}")
        await page.locator("details:has(#propose) > summary").press("Enter")
        await page.locator("#propose-choice").select_option(_CHOICE)
        await page.locator("#propose-explanation").fill("この請求についての理由です。")
        await page.get_by_role("button", name="会員が読む文を確かめる").press("Enter")
        await expect(page.get_by_text("この請求についての理由です。", exact=True)).to_be_visible()
        await _look(page, "preview")
        await page.get_by_role("button", name="書き直す").press("Enter")
        await expect(page.locator("#propose-explanation")).to_have_value("この請求についての理由です。")
        await page.get_by_role("button", name="会員が読む文を確かめる").press("Enter")
        await page.get_by_role("button", name="この内容で提案する").press("Enter")
        await expect(page.get_by_role("status")).to_have_text("決定を記録しました。")
        await expect(page.get_by_role("button", name="承認して決定する")).to_have_count(0)
        await page.get_by_role("button", name="連絡先を表示").press("Enter")
        await expect(page.get_by_text("東京都見本区見本町1-2-3")).to_be_visible()
        await _look(page, "contact")
        await page.get_by_role("button", name="この請求の記録を印刷する").press("Enter")
        await expect(page.get_by_role("heading", name="経過")).to_be_visible()
        await _look(page, "print")


async def test_the_second_browser_is_told_and_keeps_its_words(desk: Desk, at_desk: At) -> None:
    id_ = await _some(desk)
    async with at_desk(Role.OFFICER, "aya") as first, at_desk(Role.OFFICER, "mei") as second:
        for visitor in (first, second):
            await visitor.page.goto(f"{visitor.url}/requests/{id_}")
            await visitor.page.get_by_role("link", name="会員に質問する").click()
            await visitor.page.locator("#ask-text").fill(f"{visitor is first}の質問")
        await first.page.get_by_role("button", name="質問を送る").click()
        await expect(first.page.get_by_role("status")).to_have_text("会員に質問を送りました。")
        # A refused form is a page of its own, which the browser reports as an error of loading; here it is meant.
        second.expected = ("409",)
        await second.page.get_by_role("button", name="質問を送る").click()
        await expect(second.page.locator("#meanwhile")).to_contain_text("会員に質問しました")
        await expect(second.page.locator("#kept")).to_contain_text("Falseの質問")
        await _look(second.page, "meanwhile")
