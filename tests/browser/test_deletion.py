"""会話を消す: asked about, done here, on the server and in the browser's cache, and another conversation begins."""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.async_api import Locator, Route, expect

from tests.support.browsing import Site, Visitor, cut

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

DELETION = re.compile("/api/conversations/current$")
MARKED_POLICY = "/policy/eparkrelax/privacy/2026-11-23?mark=100-140"
IS_CACHED = """
async (path) => {
  try {
    return (await fetch(path, { cache: "only-if-cached", mode: "same-origin" })).ok;
  } catch {
    return false;
  }
}
"""


async def dialog_of(member: Visitor) -> Locator:
    await member.page.get_by_role("button", name="会話を消す").click()
    return member.page.get_by_role("dialog", name="この会話を消しますか")


async def delete(member: Visitor) -> None:
    await (await dialog_of(member)).get_by_role("button", name="消す", exact=True).click()


async def test_the_dialog_says_what_goes_and_what_stays_and_can_be_left(member: Visitor) -> None:
    await member.open_chat()
    await member.ask("口座情報は何に使われますか")
    dialog = await dialog_of(member)
    await expect(dialog).to_contain_text("受け付け済みのご請求は消えません")
    await dialog.get_by_role("button", name="消さない").click()
    await expect(dialog).to_be_hidden()
    await expect(member.page.locator("blockquote")).to_have_count(2)


async def test_deletion_empties_page_server_and_rasa(member: Visitor, site: Site) -> None:
    await member.open_chat()
    await member.ask("口座情報は何に使われますか")
    await delete(member)
    await expect(member.page.get_by_role("status")).to_have_text("会話を消しました。")
    await expect(member.page.locator("blockquote, .message--member")).to_have_count(0)
    assert len(site.rasa.forgotten) == 1
    await member.page.reload()
    await member.messages.first.wait_for()
    await expect(member.page.locator("blockquote, .message--member")).to_have_count(0)


async def test_the_next_conversation_works_and_survives_a_reload(member: Visitor) -> None:
    await member.open_chat()
    await member.ask("手数料はいくらですか")
    await delete(member)
    await expect(member.page.get_by_role("status")).to_have_text("会話を消しました。")
    await member.ask("口座情報は何に使われますか")
    await expect(member.page.locator("blockquote")).to_have_count(2)
    await member.page.reload()
    await expect(member.page.locator("blockquote")).to_have_count(2)
    await expect(member.page.locator(".message--member")).to_have_count(1)


async def test_the_cache_forgets_what_was_looked_up_and_other_cookies_stay(member: Visitor) -> None:
    member.expected = ("ERR_CACHE_MISS", "504")
    await member.open_chat()
    await member.context.add_cookies([{"name": "member_login", "value": "1", "url": member.url}])
    [session] = [cookie["value"] for cookie in await member.context.cookies() if cookie["name"] == "chat"]
    await member.page.evaluate("(path) => fetch(path).then((answer) => answer.text())", MARKED_POLICY)
    assert await member.page.evaluate(IS_CACHED, MARKED_POLICY)
    await delete(member)
    await expect(member.page.get_by_role("status")).to_have_text("会話を消しました。")
    assert not await member.page.evaluate(IS_CACHED, MARKED_POLICY)
    kept = {cookie["name"]: cookie["value"] for cookie in await member.context.cookies()}
    assert kept["member_login"] == "1"
    assert kept["chat"] != session


async def test_when_deletion_fails_nothing_is_cleared_and_it_can_be_tried_again(member: Visitor) -> None:
    member.expected = ("ERR_FAILED",)
    await member.open_chat()
    await member.ask("口座情報は何に使われますか")
    await member.page.route(DELETION, cut, times=1)
    await delete(member)
    alert = member.page.get_by_role("alert")
    await expect(alert).to_contain_text("会話を消せませんでした")
    await expect(member.page.locator("blockquote")).to_have_count(2)
    await alert.get_by_role("button", name="もう一度消す").click()
    await expect(member.page.locator("blockquote")).to_have_count(0)
    await expect(alert).to_be_empty()


async def test_when_only_the_next_conversation_cannot_begin_the_old_one_is_gone_all_the_same(member: Visitor) -> None:
    member.expected = ("ERR_FAILED",)
    await member.open_chat()
    await member.ask("口座情報は何に使われますか")
    await member.page.route(re.compile("/api/conversations$"), cut, times=1)
    await delete(member)
    again = member.page.get_by_role("alert").get_by_role("button", name="再読み込み")
    await again.wait_for()
    await expect(member.messages).to_have_count(0)
    await again.click()
    await expect(member.messages.last).to_contain_text("この会話を削除しました")
    await expect(member.messages).to_have_count(2)


async def test_an_answer_on_its_way_does_not_come_back_after_deletion(member: Visitor) -> None:
    await member.open_chat()
    gate = asyncio.Event()

    async def wait_for_gate(route: Route) -> None:
        answer = await route.fetch()
        await gate.wait()
        await route.fulfill(response=answer)

    await member.page.route(re.compile("/api/messages$"), wait_for_gate, times=1)
    await member.text.fill("口座情報は何に使われますか")
    await member.text.press("Enter")
    await delete(member)
    await expect(member.messages.last).to_contain_text("この会話を削除しました")
    gate.set()
    await member.answer()
    await expect(member.page.locator("blockquote, .message--member")).to_have_count(0)


async def test_escape_closes_the_dialog_and_gives_the_focus_back(member: Visitor) -> None:
    await member.open_chat()
    opener = member.page.get_by_role("button", name="会話を消す")
    await opener.focus()
    await member.page.keyboard.press("Enter")
    await expect(member.page.get_by_role("dialog")).to_be_visible()
    await member.page.keyboard.press("Escape")
    await expect(opener).to_be_focused()
    await expect(member.messages).to_have_count(1)
