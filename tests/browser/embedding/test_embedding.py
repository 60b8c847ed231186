"""The button and the frame on another site's page, by keyboard, finger and mouse."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, expect

from bot.channels.website import embed
from tests.support.browsing import Site, visiting
from tests.support.embedding import BUTTON, FRAME, Guest, host_page, serving

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SIZES: Sequence[dict[str, Any]] = (
    {"viewport": {"width": 320, "height": 640}, "has_touch": True},
    {"viewport": {"width": 390, "height": 844}, "has_touch": True},
    {"viewport": {"width": 1280, "height": 800}},
)
WIDTHS = ["320", "390", "1280"]

PLAIN = {"background-color": "rgb(13, 92, 99)", "color": "rgb(255, 255, 255)", "right": "16px"}

FORGED = """([data, origin]) => {
  const { contentWindow } = document.querySelector("aside")?.shadowRoot.querySelector("iframe") ?? {};
  dispatchEvent(new MessageEvent("message", { data, origin, source: contentWindow ?? parent }));
}"""

LATE = """() => {
  const message = document.createElement("div");
  message.className = "message message--assistant";
  document.querySelector(".chat__log").append(message);
}"""

HEARS_OF_CLOSING = """window.heard = new Promise((resolve) =>
  addEventListener("message", ({ data }) => data.madoguchi === "closed" && resolve()));
0"""


async def test_nothing_is_asked_of_us_before_the_button_is_pressed(guest: Guest, site: Site) -> None:
    asked: list[str] = []
    guest.page.on("request", lambda request: asked.append(request.url))
    await guest.page.goto(guest.url, wait_until="networkidle")
    await guest.button.hover()
    await guest.button.focus()
    ours = [urlsplit(url).path for url in asked if url.startswith(site.url)]
    assert ours == [embed.path()]
    assert await guest.page.locator(FRAME).count() == 0
    assert await guest.visitor.context.cookies() == []
    await guest.open()
    assert f"{site.url}/widget" in asked


@pytest.mark.parametrize("size", SIZES, ids=WIDTHS)
async def test_opening_leads_into_the_field_and_escape_back_to_the_button(
    chromium: Browser, host: str, size: dict[str, Any]
) -> None:
    async with visiting(chromium, host, **size) as visitor:
        guest = Guest(visitor, host)
        await guest.arrive()
        await expect(guest.button).to_have_attribute("aria-expanded", "false")
        await guest.open()
        await expect(guest.page.locator("aside button")).to_have_attribute("aria-expanded", "true")
        await expect(guest.text).to_be_focused()
        await guest.text.fill("書きかけ")
        await guest.page.keyboard.press("Escape")
        await expect(guest.page.locator(FRAME)).to_be_hidden()
        await expect(guest.button).to_be_focused()
        await expect(guest.button).to_have_attribute("aria-expanded", "false")
        await guest.open()
        await expect(guest.text).to_have_value("書きかけ")
        await expect(guest.text).to_be_focused()
        await guest.widget.get_by_role("button", name="閉じる").click()
        await expect(guest.button).to_be_focused()


async def test_the_keyboard_alone_is_enough(guest: Guest) -> None:
    keyboard = guest.page.keyboard
    await guest.arrive()
    await guest.page.locator("footer a").last.focus()
    await keyboard.press("Tab")
    await expect(guest.button).to_be_focused()
    await keyboard.press("Enter")
    await expect(guest.text).to_be_focused()
    await keyboard.type("私の情報の開示を請求します")
    await keyboard.press("Enter")
    choices = guest.widget.locator(".choices button")
    await choices.first.wait_for()
    for _ in range(20):
        if await choices.first.evaluate("(button) => button === document.activeElement"):
            break
        await keyboard.press("Shift+Tab")
    await expect(choices.first).to_be_focused()
    members = guest.widget.locator(".message--member")
    await keyboard.press("Space")
    await expect(members).to_have_count(2)
    await keyboard.press("Escape")
    await expect(guest.button).to_be_focused()


async def test_at_a_desktop_the_keyboard_leaves_the_frame_again(guest: Guest) -> None:
    await guest.arrive()
    await guest.open()
    assert not await guest.page.locator("aside dialog").evaluate("(dialog) => dialog.matches(':modal')")
    for _ in range(12):
        if await guest.page.evaluate("document.activeElement.matches('a')"):
            return
        await guest.page.keyboard.press("Shift+Tab")
    pytest.fail("the focus stays in the frame")


@pytest.mark.parametrize("size", SIZES[:2], ids=WIDTHS[:2])
async def test_on_a_phone_it_is_a_modal_dialog_that_fills_the_screen(
    chromium: Browser, host: str, size: dict[str, Any]
) -> None:
    async with visiting(chromium, host, **size) as visitor:
        guest = Guest(visitor, host)
        await guest.arrive()
        await guest.open()
        dialog = guest.page.get_by_role("dialog", name=BUTTON)
        assert await dialog.evaluate("(dialog) => dialog.matches(':modal')")
        box = await guest.page.locator(FRAME).bounding_box()
        assert box == {"x": 0, "y": 0, **size["viewport"]}
        await visitor.page.set_viewport_size({"width": 1280, "height": 800})
        assert not await dialog.evaluate("(dialog) => dialog.matches(':modal')")
        await expect(guest.page.locator(FRAME)).to_be_visible()


async def test_what_is_said_with_a_wrong_voice_is_not_heard(guest: Guest, site: Site) -> None:
    await guest.arrive()
    await guest.open()
    ours, theirs = site.url, guest.url.rstrip("/")
    for origin in ("https://evil.example", theirs, "null"):
        await guest.page.evaluate(FORGED, [{"madoguchi": "close"}, origin])
    for data in (None, "close", 1, {"madoguchi": ["close"]}, {"madoguchi": "__proto__"}, {"name": "close"}):
        await guest.page.evaluate(FORGED, [data, ours])
    await guest.page.evaluate("postMessage({ madoguchi: 'close' }, '*')")
    await expect(guest.page.locator(FRAME)).to_be_visible()
    [frame] = [frame for frame in guest.page.frames if frame.url == f"{site.url}/widget"]
    close = guest.widget.get_by_role("button", name="閉じる")
    await frame.evaluate("document.querySelector('[data-widget=close]').hidden = true")
    for origin in ("https://evil.example", ours, "null", ""):
        await frame.evaluate(FORGED, [{"madoguchi": "open"}, origin])
    await frame.evaluate("postMessage({ madoguchi: 'open' }, '*')")
    await expect(close).to_be_hidden()
    await frame.evaluate(FORGED, [{"madoguchi": "open"}, theirs])
    await expect(close).to_be_visible()
    await guest.page.evaluate(FORGED, [{"madoguchi": "close"}, ours])
    await expect(guest.page.locator(FRAME)).to_be_hidden()


async def test_a_site_that_is_not_named_cannot_show_the_widget(chromium: Browser, site: Site) -> None:
    async with serving(host_page(site.url)) as stranger, visiting(chromium, stranger) as visitor:
        visitor.expected = ("frame-ancestors", "Failed to execute 'postMessage'")
        guest = Guest(visitor, stranger)
        async with visitor.page.expect_console_message(lambda message: "frame-ancestors" in message.text):
            await guest.arrive()
            await guest.button.click()
        assert await guest.widget.locator(".message").count() == 0
        assert not [cookie for cookie in await visitor.context.cookies() if cookie["name"] == "chat"]


async def test_a_script_that_was_changed_does_not_run(chromium: Browser, site: Site) -> None:
    wrong = host_page(site.url).replace(embed.integrity(), "sha384-" + "A" * 64)
    async with serving(wrong) as stranger, visiting(chromium, stranger) as visitor:
        visitor.expected = ("integrity",)
        async with visitor.page.expect_console_message(lambda message: "integrity" in message.text):
            await visitor.page.goto(stranger)
        assert await visitor.page.locator("aside").count() == 0


@pytest.mark.parametrize(
    ("attributes", "look", "label"),
    [
        ("", PLAIN, BUTTON),
        (
            'data-accent="#ffe48a" data-side="left" data-label="個人情報の相談"',
            {"background-color": "rgb(255, 228, 138)", "color": "rgb(0, 0, 0)", "left": "16px"},
            "個人情報の相談",
        ),
        ('data-accent="red;}*{display:none" data-side="0}*{display:none"', PLAIN, BUTTON),
        ('data-label="&lt;img src=x onerror=alert(1)&gt;"', PLAIN, "<img src=x onerror=alert(1)>"),
    ],
    ids=["plain", "theirs", "hostile style", "hostile label"],
)
async def test_a_site_chooses_colour_side_and_words_and_nothing_else(
    chromium: Browser, site: Site, attributes: str, look: dict[str, str], label: str
) -> None:
    page = host_page(site.url).replace("<script ", f"<script {attributes} ")
    async with serving(page) as stranger, visiting(chromium, stranger) as visitor:
        await visitor.page.goto(stranger)
        button = visitor.page.get_by_role("button", name=label, exact=True)
        for name, value in look.items():
            await expect(button).to_have_css(name, value)


async def test_messages_that_came_while_it_was_closed_are_counted(guest: Guest, site: Site) -> None:
    await guest.arrive()
    await guest.open()
    site.rasa.is_away = True
    await guest.ask("口座情報は何に使われますか")
    [frame] = [frame for frame in guest.page.frames if frame.url == f"{site.url}/widget"]
    await frame.evaluate(HEARS_OF_CLOSING)
    await guest.page.keyboard.press("Escape")
    await frame.evaluate("heard")
    await frame.evaluate(LATE)
    await expect(guest.button).to_have_text(f"{BUTTON}（新着1件）")
    await frame.evaluate(LATE)
    await expect(guest.button).to_have_text(f"{BUTTON}（新着2件）")
    await guest.open()
    await expect(guest.page.locator("aside button")).to_have_text(BUTTON)
