"""What everybody needs: no barrier that axe knows, no sideways scrolling, no help from other hosts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, Route, expect

from tests.support.browsing import Site, Visitor, visiting

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOOKS: Sequence[dict[str, Any]] = (
    {"viewport": {"width": 1100, "height": 800}},
    {"viewport": {"width": 1100, "height": 800}, "color_scheme": "dark"},
    {"viewport": {"width": 1100, "height": 800}, "forced_colors": "active"},
    {"viewport": {"width": 320, "height": 640}, "reduced_motion": "reduce"},
    {"viewport": {"width": 320, "height": 256}},
)
POLICY = "/policy/eparkrelax/privacy/2026-11-23?mark=100-140#mark"


async def check(page: Page) -> None:
    results = await Axe().run(page, options={"runOnly": RULES})
    found = [(item["id"], [node["html"] for node in item["nodes"]]) for item in results.response["violations"]]
    assert not found, found
    width = await page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width[0] <= width[1]


@pytest.mark.parametrize("look", LOOKS, ids=["light", "dark", "forced", "narrow", "zoomed"])
async def test_the_chat_has_no_barrier_in_any_state(chromium: Browser, site: Site, look: dict[str, Any]) -> None:
    async with visiting(chromium, site, **look) as member:
        member.expected = ("ERR_FAILED",)
        await member.open_chat()
        await check(member.page)
        await member.ask("口座情報は何に使われますか")
        await check(member.page)
        await member.ask("私の情報の開示を請求します")
        await check(member.page)
        while await member.page.locator(".choices").count():
            await member.press(await member.page.locator(".choices button").first.inner_text())
        await check(member.page)
        await member.page.route("**/api/messages", Route.abort, times=1)
        await member.ask("保存期間は")
        await expect(member.page.get_by_role("alert")).not_to_be_empty()
        await check(member.page)
        await member.page.get_by_role("button", name="会話を消す").click()
        await check(member.page)


@pytest.mark.parametrize("look", LOOKS, ids=["light", "dark", "forced", "narrow", "zoomed"])
async def test_the_other_pages_have_no_barrier(chromium: Browser, site: Site, look: dict[str, Any]) -> None:
    async with visiting(chromium, site, **look) as member:
        member.expected = ("404",)
        for path in (POLICY, "/request/unknown", "/nowhere"):
            await member.page.goto(site.url + path)
            await check(member.page)
        await member.page.goto(site.url + "/request/unknown")
        await member.page.get_by_role("button", name="入力ページを開く").click()
        await expect(member.page.get_by_role("heading", name="この入力ページはありません")).to_be_visible()
        await check(member.page)


async def test_the_log_is_announced_and_history_is_not(member: Visitor) -> None:
    await member.open_chat()
    log = member.page.get_by_role("log")
    await expect(log).to_have_attribute("aria-live", "polite")
    await expect(member.text).to_have_attribute("aria-describedby", "chat-hint chat-count")
    await expect(member.text).to_have_attribute("enterkeyhint", "send")


async def test_the_policy_is_marked_without_any_script(chromium: Browser, site: Site) -> None:
    async with visiting(chromium, site, java_script_enabled=False) as member:
        await member.page.goto(site.url + POLICY)
        await expect(member.page.locator("#mark")).to_be_in_viewport()
