"""Keys, input methods and length: what is typed is sent when the member means it, and never before."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Browser, expect

from tests.support.browsing import Site, Visitor, visiting

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 800}, "has_touch": True, "is_mobile": True}

SAFARI_ORDER = """
(text) => {
  text.value = "開示";
  for (const type of ["compositionstart", "compositionupdate", "compositionend"]) {
    text.dispatchEvent(new CompositionEvent(type, { data: "開示", bubbles: true }));
  }
  const commit = new KeyboardEvent("keydown", {
    key: "Enter", keyCode: 229, bubbles: true, composed: true, cancelable: true,
  });
  text.dispatchEvent(commit);
  return commit.defaultPrevented;
}
"""


async def test_enter_that_commits_a_composition_sends_nothing_in_chromium(member: Visitor) -> None:
    await member.open_chat()
    await member.text.focus()
    devtools = await member.context.new_cdp_session(member.page)
    for text in ("かいじ", "開示"):
        selection = {"selectionStart": len(text), "selectionEnd": len(text)}
        await devtools.send("Input.imeSetComposition", {"text": text, **selection})
    enter = {"key": "Enter", "code": "Enter"}
    await devtools.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **enter, "windowsVirtualKeyCode": 229})
    await devtools.send("Input.insertText", {"text": "開示"})
    await devtools.send("Input.dispatchKeyEvent", {"type": "keyUp", **enter, "windowsVirtualKeyCode": 13})
    await expect(member.text).to_have_value("開示")
    assert member.sent == []
    await member.page.keyboard.press("Enter")
    await member.answer()
    assert [turn["text"] for turn in member.sent] == ["開示"]


async def test_enter_that_commits_a_composition_sends_nothing_in_safaris_order(member: Visitor) -> None:
    await member.open_chat()
    assert await member.text.evaluate(SAFARI_ORDER) is False
    await expect(member.text).to_have_value("開示")
    assert member.sent == []
    await member.text.press("Enter")
    await member.answer()
    assert [turn["text"] for turn in member.sent] == ["開示"]


async def test_shift_and_enter_make_a_new_line(member: Visitor) -> None:
    await member.open_chat()
    await member.text.press_sequentially("一行目")
    await member.text.press("Shift+Enter")
    await member.text.press_sequentially("二行目")
    await expect(member.text).to_have_value("一行目\n二行目")
    assert member.sent == []


async def test_on_a_touch_screen_enter_makes_a_new_line_and_the_button_sends(chromium: Browser, site: Site) -> None:
    async with visiting(chromium, site.url, **PHONE) as member:
        await member.open_chat()
        await expect(member.text).to_have_attribute("enterkeyhint", "enter")
        await member.text.press_sequentially("口座情報")
        await member.text.press("Enter")
        await expect(member.text).to_have_value("口座情報\n")
        assert member.sent == []
        await member.page.get_by_role("button", name="送信").tap()
        await member.answer()
        assert len(member.sent) == 1


async def test_everything_can_be_done_from_the_keyboard(member: Visitor) -> None:
    await member.open_chat()
    await member.text.focus()
    await member.page.keyboard.type("私の情報の開示を請求します")
    await member.page.keyboard.press("Enter")
    await member.answer()
    choices = member.page.locator(".choices button")
    last = await choices.last.inner_text()
    await expect(member.text).to_be_focused()
    await member.page.keyboard.press("Shift+Tab")
    await expect(choices.last).to_be_focused()
    await member.page.keyboard.press("Space")
    await member.answer()
    await expect(member.page.locator(".message--member").last).to_contain_text(last)
    await expect(member.text).to_be_focused()


async def test_what_is_too_long_is_counted_named_and_kept(member: Visitor) -> None:
    await member.open_chat()
    await member.text.fill("あ" * 1001)
    await expect(member.page.locator("#chat-count")).to_have_text("1,001 / 1,000文字")
    await member.page.get_by_role("button", name="送信").click()
    await expect(member.page.get_by_role("alert")).to_contain_text("1,000文字以内")
    await expect(member.text).to_have_value("あ" * 1001)
    assert member.sent == []
    await member.text.fill("𠮷" * 1000)
    await member.page.get_by_role("button", name="送信").click()
    await member.answer()
    assert len(member.sent) == 1


async def test_nothing_is_sent_for_blanks(member: Visitor) -> None:
    await member.open_chat()
    await member.text.fill(" 　\n")
    await member.page.get_by_role("button", name="送信").click()
    await expect(member.messages).to_have_count(1)
    assert member.sent == []
