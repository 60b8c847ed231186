"""How the chat looks to people who set their browser differently, on small screens, and on paper."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from tests.support.browsing import Site, Visitor, visiting

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

QUESTION = "口座情報は何に使われますか"
POLICY = "/policy/eparkrelax/privacy/2026-11-23?mark=100-140#mark"
NOTE_SCROLLING = """
window.scrolls = [];
const scroll = Element.prototype.scrollIntoView;
Element.prototype.scrollIntoView = function (options) {
  scrolls.push(options.behavior ?? "auto");
  return scroll.call(this, options);
};
"""


async def style(page: Page, selector: str, name: str) -> str:
    found: str = await page.locator(selector).last.evaluate(
        "(element, name) => getComputedStyle(element).getPropertyValue(name)", name
    )
    return found


async def brightness(page: Page, selector: str) -> int:
    channels = re.findall(r"\d+", await style(page, selector, "background-color"))
    return sum(int(channel) for channel in channels[:3])


async def fits(page: Page) -> bool:
    return bool(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


async def at_the_end_of_a_request(member: Visitor) -> None:
    await member.open_chat()
    await member.ask(QUESTION)
    await member.ask("私の情報の開示を請求します")
    while await member.page.locator(".choices").count():
        await member.press(await member.page.locator(".choices button").first.inner_text())


async def test_the_page_is_dark_for_those_who_want_it_dark(chromium: Browser, site: Site) -> None:
    async with visiting(chromium, site.url, color_scheme="dark") as member:
        await member.open_chat()
        assert await brightness(member.page, "html") < 150
        await member.page.emulate_media(color_scheme="light")
        assert await brightness(member.page, "html") > 650


async def test_nothing_moves_for_those_who_want_less_motion(chromium: Browser, site: Site) -> None:
    async with visiting(chromium, site.url, reduced_motion="reduce") as member:
        await member.page.add_init_script(NOTE_SCROLLING)
        await member.open_chat()
        await member.ask(QUESTION)
        assert set(await member.page.evaluate("scrolls")) == {"auto"}
        assert await style(member.page, "form[data-chat='form'] .button", "transition-property") == "none"


async def test_an_answer_slides_into_view_for_everybody_else(chromium: Browser, site: Site) -> None:
    async with visiting(chromium, site.url, reduced_motion="no-preference") as member:
        await member.page.add_init_script(NOTE_SCROLLING)
        await member.open_chat()
        await member.ask(QUESTION)
        assert "smooth" in await member.page.evaluate("scrolls")


async def test_with_forced_colours_every_frame_is_still_drawn(chromium: Browser, site: Site) -> None:
    async with visiting(chromium, site.url, forced_colors="active") as member:
        await at_the_end_of_a_request(member)
        for selector in (".message--member", ".quote", ".facts--receipt", ".button", ".tool", ".feedback__button"):
            assert await style(member.page, selector, "border-top-style") == "solid", selector


async def test_at_twice_the_size_everything_is_there_and_nothing_scrolls_sideways(
    chromium: Browser, site: Site
) -> None:
    async with visiting(chromium, site.url, viewport={"width": 640, "height": 400}, device_scale_factor=2) as member:
        await at_the_end_of_a_request(member)
        assert await fits(member.page)
        send = member.page.get_by_role("button", name="送信")
        await send.scroll_into_view_if_needed()
        await expect(send).to_be_in_viewport(ratio=1)


async def test_with_letters_twice_as_large_nothing_scrolls_sideways(member: Visitor) -> None:
    await at_the_end_of_a_request(member)
    await member.page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert await fits(member.page)
    await expect(member.page.get_by_role("button", name="送信")).to_be_in_viewport(ratio=1)


async def test_nothing_is_wider_than_the_narrowest_screen(chromium: Browser, site: Site) -> None:
    async with visiting(chromium, site.url, viewport={"width": 320, "height": 640}) as member:
        await at_the_end_of_a_request(member)
        assert await fits(member.page)
        await member.ask("long" * 60)
        assert await fits(member.page)
        await member.page.get_by_role("button", name="会話を消す").click()
        assert await fits(member.page)
        await member.page.goto(site.url + POLICY)
        assert await fits(member.page)


async def test_on_paper_is_the_whole_conversation_with_addresses_and_nothing_to_press(
    chromium: Browser, site: Site
) -> None:
    async with visiting(chromium, site.url, color_scheme="dark") as member:
        await at_the_end_of_a_request(member)
        page = member.page
        await page.emulate_media(media="print")
        assert await page.locator("button:visible, textarea:visible, a.button:visible").count() == 0
        assert await brightness(page, "html") == 3 * 255
        log = page.get_by_role("log")
        assert await log.evaluate("(log) => log.parentElement.scrollHeight <= log.parentElement.clientHeight + 1")
        address = await page.locator(".quote__place").first.evaluate(
            "(link) => [link.href, getComputedStyle(link, '::after').content]"
        )
        assert "/policy/eparkrelax/privacy/2026-11-23?mark=" in address[0]
        assert "attr(href)" in address[1] or address[0] in address[1]
        assert await fits(page)


async def test_a_long_conversation_takes_the_pages_it_needs(member: Visitor) -> None:
    await at_the_end_of_a_request(member)
    one = await member.page.pdf(format="A4")
    assert len(re.findall(rb"/Type\s*/Page\b", one)) >= 2


async def test_the_policy_on_paper_keeps_the_marked_words_marked(chromium: Browser, site: Site) -> None:
    async with visiting(chromium, site.url) as member:
        await member.page.goto(site.url + POLICY)
        await member.page.emulate_media(media="print")
        assert await style(member.page, "mark", "text-decoration-line") == "underline"
        assert await style(member.page, "mark", "print-color-adjust") == "exact"
        await expect(member.page.locator(".masthead")).to_be_hidden()


async def test_japanese_is_set_as_japanese_in_the_systems_own_fonts(member: Visitor) -> None:
    kinds: list[str] = []
    member.page.on("request", lambda request: kinds.append(request.resource_type))
    await member.open_chat()
    await member.ask(QUESTION)
    page = member.page
    assert await page.locator("html").get_attribute("lang") == "ja"
    expected: dict[str, Any] = {"line-break": "strict", "overflow-wrap": "anywhere", "word-break": "auto-phrase"}
    for name, value in expected.items():
        assert await style(page, ".message", name) == value
    assert "Hiragino Sans" in await style(page, "html", "font-family")
    assert await page.evaluate("document.fonts.size") == 0
    assert "stylesheet" in kinds
    assert "font" not in kinds
