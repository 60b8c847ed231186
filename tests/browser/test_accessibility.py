"""What everybody needs: no barrier that axe knows, no sideways scrolling, no help from other hosts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from tests.support.barriers import expect_no_barriers
from tests.support.browsing import Site, cut, visiting

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

LOOKS: Sequence[dict[str, Any]] = (
    {"viewport": {"width": 1100, "height": 800}},
    {"viewport": {"width": 1100, "height": 800}, "color_scheme": "dark"},
    {"viewport": {"width": 1100, "height": 800}, "forced_colors": "active"},
    {"viewport": {"width": 1100, "height": 800}, "reduced_motion": "reduce"},
    {"viewport": {"width": 320, "height": 640}},
    {"viewport": {"width": 320, "height": 256}},
)
NAMES = ["light", "dark", "forced", "still", "narrow", "zoomed"]
POLICY = "/policy/eparkrelax/privacy/2026-11-23?mark=100-140#mark"


@pytest.mark.parametrize("look", LOOKS, ids=NAMES)
async def test_the_chat_has_no_barrier_in_any_state(chromium: Browser, site: Site, look: dict[str, Any]) -> None:
    async with visiting(chromium, site.url, **look) as member:
        member.expected = ("ERR_FAILED",)
        page = member.page
        await member.open_chat()
        await expect_no_barriers(page)
        await member.ask("口座情報は何に使われますか")
        await page.get_by_role("button", name="役に立った", exact=True).click()
        await expect(page.get_by_role("status")).not_to_be_empty()
        await expect_no_barriers(page)
        await member.ask("私の情報の開示を請求します")
        await expect_no_barriers(page)
        while await page.locator(".choices").count():
            await member.press(await page.locator(".choices button").first.inner_text())
        await expect_no_barriers(page)
        await page.route("**/api/messages", cut, times=1)
        await member.ask("保存期間は")
        await expect(page.get_by_role("alert")).not_to_be_empty()
        await expect_no_barriers(page)
        await page.get_by_role("button", name="会話を消す").click()
        await expect_no_barriers(page)
        await page.keyboard.press("Escape")
        await page.emulate_media(media="print")
        await expect_no_barriers(page)


@pytest.mark.parametrize("look", LOOKS, ids=NAMES)
async def test_the_other_pages_have_no_barrier(chromium: Browser, site: Site, look: dict[str, Any]) -> None:
    async with visiting(chromium, site.url, **look) as member:
        member.expected = ("404",)
        for path in (POLICY, "/request/unknown", "/nowhere"):
            await member.page.goto(site.url + path)
            await expect_no_barriers(member.page)
        await member.page.goto(site.url + "/request/unknown")
        await member.page.get_by_role("button", name="入力ページを開く").click()
        await expect(member.page.get_by_role("heading", name="この入力ページはありません")).to_be_visible()
        await expect_no_barriers(member.page)


async def test_the_policy_is_marked_without_any_script(chromium: Browser, site: Site) -> None:
    async with visiting(chromium, site.url, java_script_enabled=False) as member:
        await member.page.goto(site.url + POLICY)
        await expect(member.page.locator("#mark")).to_be_in_viewport()
