"""What a screen reader hears, and when: new messages once, progress and counting politely, the past not at all."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from bot.channels import dispatcher
from tests.browser.conftest import SetClock
from tests.support.browsing import Site, Visitor, cut

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

QUESTION = "口座情報は何に使われますか"

# Mutations are told before the next frame, which is when the chat begins to announce again.
NOTE_HOW_MESSAGES_ARRIVE = """
window.arrivals = [];
new MutationObserver((changes) => {
  const added = changes.flatMap((change) => [...change.addedNodes]);
  for (const message of added.filter((node) => node.matches?.(".message"))) {
    arrivals.push(message.parentElement.getAttribute("aria-live"));
  }
}).observe(document, { childList: true, subtree: true });
"""
NOTE_STATUS = """
window.said = [];
const status = document.querySelector("[role=status]");
new MutationObserver(() => status.textContent && said.push(status.textContent)).observe(status, { childList: true });
"""


async def test_the_conversation_is_a_log_that_can_be_reached(member: Visitor) -> None:
    await member.open_chat()
    log = member.page.get_by_role("log", name="会話")
    await expect(log).to_have_attribute("aria-live", "polite")
    await expect(log).to_have_attribute("aria-relevant", "additions")
    await expect(log).to_have_attribute("tabindex", "0")


async def test_every_message_says_whose_it_is(member: Visitor) -> None:
    await member.open_chat()
    await member.ask(QUESTION)
    speakers = await member.page.locator(".message > .visually-hidden").all_inner_texts()
    assert speakers == ["アシスタント：", "あなた：", "アシスタント："]


async def test_a_new_answer_is_announced_and_history_is_not(member: Visitor) -> None:
    await member.page.add_init_script(NOTE_HOW_MESSAGES_ARRIVE)
    await member.open_chat()
    await member.ask(QUESTION)
    assert (await member.page.evaluate("arrivals"))[-2:] == ["polite", "polite"]
    await member.page.reload()
    await expect(member.page.locator("blockquote")).to_have_count(2)
    assert await member.page.evaluate("arrivals") == ["off"] * 3
    await expect(member.page.get_by_role("log")).to_have_attribute("aria-live", "polite")


async def test_progress_is_a_status_and_goes_when_the_answer_comes(member: Visitor) -> None:
    await member.open_chat()
    await member.page.evaluate(NOTE_STATUS)
    await member.ask(QUESTION)
    assert await member.page.evaluate("said") == ["お調べしています…"]
    await expect(member.page.get_by_role("status")).to_be_empty()


async def test_an_error_is_an_alert(member: Visitor) -> None:
    member.expected = ("ERR_FAILED",)
    await member.open_chat()
    await expect(member.page.get_by_role("alert")).to_be_empty()
    await member.page.route("**/api/messages", cut, times=1)
    await member.ask(QUESTION)
    await expect(member.page.get_by_role("alert")).to_contain_text("送信できませんでした")


async def test_the_field_has_a_label_a_hint_and_a_counter(member: Visitor) -> None:
    await member.open_chat()
    description = "お名前や連絡先は書かないでください。必要なときは専用ページをご案内します。 4 / 1,000文字"
    await member.text.fill("口座情報")
    await expect(member.text).to_have_accessible_name("ご質問・ご請求の内容")
    await expect(member.text).to_have_accessible_description(description)
    await expect(member.text).to_have_attribute("enterkeyhint", "send")


async def test_counting_is_said_near_the_limit_and_beyond_it_but_not_at_every_key(member: Visitor) -> None:
    await member.open_chat()
    await member.page.evaluate(NOTE_STATUS)
    await member.text.fill("あ" * 895)
    await member.text.press_sequentially("あ" * 10)
    await member.text.fill("あ" * 995)
    await member.text.press_sequentially("あ" * 10)
    await expect(member.text).to_have_attribute("aria-invalid", "true")
    assert await member.page.evaluate("said") == [
        "残り100文字以内になりました。",
        "1,000文字以内に短くしてください。",
    ]


async def test_a_quote_is_told_from_our_own_words(member: Visitor) -> None:
    await member.open_chat()
    answer = await member.ask(QUESTION)
    heard = await answer.locator("figure").evaluate(
        "(figure) => [...figure.children].slice(0, 3).map((part) => part.tagName + part.textContent)"
    )
    quote = "アンケートや各種キャンペーンにおける謝礼金等の入金処理のため"
    assert heard == ["SPAN引用ここから", f"BLOCKQUOTE{quote}", "SPAN引用おわり"]


async def test_the_focus_stays_where_it_is_when_a_late_answer_arrives(
    member: Visitor, site: Site, clock: SetClock
) -> None:
    await member.page.clock.install()
    await member.open_chat()
    site.rasa.is_away = True
    await member.ask(QUESTION)
    await member.page.get_by_role("button", name="会話を消す").focus()
    site.rasa.is_away = False
    clock.pass_time(minutes=2)
    await dispatcher.answer_overdue(site.gateway)
    await member.page.clock.fast_forward(5_000)
    await expect(member.page.locator("blockquote")).to_have_count(2)
    await expect(member.page.get_by_role("button", name="会話を消す")).to_be_focused()


async def test_what_is_being_written_is_left_alone_when_an_answer_arrives(member: Visitor) -> None:
    await member.open_chat()
    await member.text.fill(QUESTION)
    await member.text.press("Enter")
    await member.text.press_sequentially("では保存期間は")
    await member.answer()
    await expect(member.page.locator("blockquote")).to_have_count(2)
    await expect(member.text).to_be_focused()
    await expect(member.text).to_have_value("では保存期間は")


async def test_after_a_choice_the_focus_is_where_one_writes(member: Visitor) -> None:
    await member.open_chat()
    await member.ask("私の情報の開示を請求します")
    await member.page.locator(".choices button").first.focus()
    await member.page.keyboard.press("Space")
    await member.answer()
    await expect(member.text).to_be_focused()
    await expect(member.page.locator(".message--member").last).to_contain_text(re.compile("あなた：."))
