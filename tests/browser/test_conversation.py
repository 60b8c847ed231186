"""What a member does with the chat page, in a real browser, down to the register."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from tests.support.barriers import expect_no_barriers
from tests.support.browsing import Site, Visitor

POLICY = "/policy/eparkrelax/privacy/2026-11-23"
KEPT_BY_THE_BROWSER = """
async () => [
  localStorage.length, sessionStorage.length, (await indexedDB.databases()).length, (await caches.keys()).length,
  document.cookie,
]
"""

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_an_answer_shows_the_quote_and_its_place(member: Visitor) -> None:
    await member.open_chat()
    answer = await member.ask("口座情報は何に使われますか")
    await expect(answer.locator("blockquote")).to_have_count(2)
    await expect(answer.locator("figure")).to_have_count(1)
    places = [await quote.get_attribute("cite") for quote in await answer.locator("blockquote").all()]
    assert [place[: place.index("?")] for place in places if place] == [f"{member.url}{POLICY}"] * 2
    await expect(answer.locator("figcaption a")).to_contain_text("口座情報")
    await expect(member.page.get_by_role("log")).to_contain_text("あなた：口座情報は何に使われますか")
    await expect(member.page.get_by_role("log")).to_contain_text("アシスタント：方針には")


async def test_a_citation_opens_the_policy_at_the_marked_quote(member: Visitor) -> None:
    await member.open_chat()
    answer = await member.ask("口座情報は何に使われますか")
    async with member.context.expect_page() as opened:
        await answer.locator("figcaption a").click()
    policy = await opened.value
    await policy.wait_for_load_state()
    await expect(policy.locator("#mark")).to_be_in_viewport()
    assert await policy.locator("mark").all_inner_texts() == [
        "アンケートや各種キャンペーンにおける謝礼金等の入金処理のため",
        "キャッシュバックキャンペーン等における返金処理のため",
    ]
    await expect(member.page.get_by_role("log")).to_be_visible()


async def test_history_stands_there_after_a_reload_and_is_kept_in_no_local_storage(member: Visitor) -> None:
    await member.open_chat()
    await member.ask("口座情報は何に使われますか")
    before = await member.page.get_by_role("log").inner_text()
    await member.page.reload()
    await expect(member.page.locator("blockquote")).to_have_count(2)
    assert await member.page.get_by_role("log").inner_text() == before
    assert await member.page.evaluate(KEPT_BY_THE_BROWSER) == [0, 0, 0, 0, ""]


async def test_choices_are_large_buttons_that_go_once_they_are_used(member: Visitor) -> None:
    await member.open_chat()
    await member.ask("私の情報の開示を請求します")
    buttons = member.page.locator(".choices button")
    for box in [await button.bounding_box() for button in await buttons.all()]:
        assert box is not None
        assert min(box["height"], box["width"]) >= 44
    title = await buttons.first.inner_text()
    await member.press(title)
    await expect(member.page.locator(".message--member").last).to_contain_text(title)
    assert member.sent[-1].keys() == {"id", "choice"}
    assert re.fullmatch("[0-9a-f]{32}", member.sent[-1]["choice"])
    await expect(member.page.locator(".choices")).to_have_count(1)
    await expect(member.text).to_be_focused()


async def test_a_request_is_filed_completed_and_the_conversation_hears_of_it(member: Visitor, site: Site) -> None:
    member.expected = ("422",)  # the status of a form that has faults; the browser tells its console
    await member.open_chat()
    await member.ask("私の情報の開示を請求します")
    while await member.page.locator(".choices").count():
        receipt = await member.press(await member.page.locator(".choices button").first.inner_text())
    number = await receipt.locator(".facts--receipt .facts__number").inner_text()
    assert re.fullmatch(r"K\d{6}(-[0-9A-Z]+)+", number)
    async with member.context.expect_page() as opened:
        await receipt.locator("a.button").click()
    secure = await opened.value
    await secure.get_by_role("button", name="入力ページを開く").click()
    await expect(secure.get_by_text(number)).to_be_visible()
    await expect_no_barriers(secure)
    await secure.get_by_label("本人", exact=True).check()
    await secure.get_by_label("お名前").fill("見本 花子")
    await secure.get_by_label(re.compile("^メールアドレス必須")).fill("hanako@example.jp")
    await secure.get_by_label("メールアドレス（確認").fill("hanako@example.jq")
    await secure.get_by_role("button", name="同意して送信する").click()
    await expect(secure.locator("#email_again-error")).to_be_visible()
    await expect(secure.get_by_label("お名前")).to_have_value("見本 花子")
    await expect_no_barriers(secure)
    await secure.get_by_label("メールアドレス（確認").fill("hanako@example.jp")
    await secure.get_by_role("button", name="同意して送信する").click()
    await expect(secure.get_by_role("heading", name="入力を受け取りました")).to_be_visible()
    await secure.close()
    await member.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    await expect(member.messages.last).to_have_class(re.compile("message--status"))
    assert "details_received" in site.rasa.heard[-1]


async def test_a_question_to_begin_with_is_one_press(member: Visitor) -> None:
    await member.open_chat()
    await member.page.get_by_role("group", name="質問の例").get_by_role("button").first.click()
    await member.answer()
    await expect(member.messages).to_have_count(3)
    await expect(member.page.get_by_role("group", name="質問の例")).to_be_hidden()


async def test_markup_in_a_members_words_stays_text(member: Visitor) -> None:
    await member.open_chat()
    await member.ask('<img src=x onerror="console.error(1)"><b>太字</b>')
    await expect(member.page.locator(".message--member")).to_contain_text("<b>太字</b>")
    await expect(member.page.get_by_role("log").locator("img, b")).to_have_count(0)


@pytest.mark.parametrize(
    ("url", "leads_to"),
    [
        ("https://evil.example/request/abc", "/request/abc"),
        ("https://evil.example/request", "/request"),
        ("https://evil.example/requests", None),
        (f"https://evil.example{POLICY}?mark=1-2#mark", f"{POLICY}?mark=1-2#mark"),
        ("https://evil.example/elsewhere/request/", None),
        ("//evil.example/", None),
        ("javascript:console.error(1)", None),
        ("data:text/html,<p>x", None),
        ("https://[", None),
    ],
)
async def test_links_lead_to_our_own_pages_or_nowhere(member: Visitor, url: str, leads_to: str | None) -> None:
    part = {"type": "quote", "text": "原文", "citation": 0}
    citation = {"section": "1", "heading": "見出し", "quote": "原文", "start": 1, "end": 3, "url": url}
    message = {"kind": "answer", "id": "0" * 32, "parts": [part], "citations": [citation]}
    await member.open_chat()
    body = {"messages": [message | {"link": {"url": url, "title": "ページ"}}]}
    await member.page.route("**/api/messages", lambda route: route.fulfill(json=body), times=1)
    answer = await member.ask("こんにちは")
    links = [await link.get_attribute("href") for link in await answer.locator("a[href]").all()]
    assert {link.split("?")[0] for link in links if link} == (
        {member.url + leads_to.split("?")[0]} if leads_to else set()
    )
    assert len(links) == (2 if leads_to else 0)
