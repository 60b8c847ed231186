"""When the network, the server or Rasa fails, nothing is lost, nothing is doubled, and the page says how things are."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Locator, Route, expect

from bot.channels import dispatcher
from tests.browser.conftest import SetClock
from tests.support.browsing import Site, Visitor, cut

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

QUESTION = "口座情報は何に使われますか"
MESSAGES = re.compile("/api/messages$")


async def hold(_route: Route) -> None:
    """Neither answers nor breaks the connection."""


async def lose_the_answer(route: Route) -> None:
    await route.fetch()
    await route.abort()


async def test_sending_again_after_a_broken_connection_uses_the_same_id(member: Visitor) -> None:
    member.expected = ("ERR_FAILED",)
    await member.open_chat()
    await member.page.route(MESSAGES, cut, times=1)
    await member.text.fill(QUESTION)
    await member.text.press("Enter")
    alert = member.page.get_by_role("alert")
    await expect(alert).to_contain_text("送信できませんでした")
    await member.page.get_by_role("button", name="再送").click()
    await expect(member.page.locator("blockquote")).to_have_count(2)
    await expect(alert).to_be_empty()
    assert len(member.sent) == 2
    assert member.sent[0] == member.sent[1]
    assert await member.page.locator(".message--member").count() == 1


async def test_an_answer_lost_on_its_way_is_not_worked_out_twice(member: Visitor, site: Site) -> None:
    member.expected = ("ERR_FAILED",)

    await member.open_chat()
    await member.page.route(MESSAGES, lose_the_answer, times=1)
    await member.text.fill(QUESTION)
    await member.text.press("Enter")
    await member.page.get_by_role("button", name="再送").click()
    await expect(member.page.locator("blockquote")).to_have_count(2)
    assert len(site.rasa.heard) == 1


async def test_after_twenty_seconds_without_an_answer_the_member_may_send_again(member: Visitor) -> None:
    await member.page.clock.install()
    await member.open_chat()
    await member.page.route(MESSAGES, hold, times=1)
    await member.text.fill(QUESTION)
    await member.text.press("Enter")
    await expect(member.page.get_by_role("status")).to_have_text("お調べしています…")
    await member.page.clock.fast_forward(19_000)
    await expect(member.page.get_by_role("alert")).to_be_empty()
    await member.page.clock.fast_forward(2_000)
    await member.page.get_by_role("button", name="再送").click()
    await expect(member.page.locator("blockquote")).to_have_count(2)
    assert member.sent[0]["id"] == member.sent[1]["id"]


async def test_the_late_answer_follows_the_apology_by_itself(member: Visitor, site: Site, clock: SetClock) -> None:
    await member.page.clock.install()
    await member.open_chat()
    site.rasa.is_away = True
    apology = await member.ask(QUESTION)
    await expect(apology).to_have_class(re.compile("message--error"))
    site.rasa.is_away = False
    clock.pass_time(minutes=2)
    await dispatcher.answer_overdue(site.gateway)
    await member.page.clock.fast_forward(5_000)
    await expect(member.page.locator("blockquote")).to_have_count(2)
    await expect(member.page.locator(".message--error")).to_have_count(1)


async def test_a_session_that_ended_is_begun_anew_with_the_same_words(member: Visitor) -> None:
    member.expected = ("401",)
    await member.open_chat()
    await member.context.clear_cookies()
    answer = await member.ask(QUESTION)
    await expect(answer.locator("blockquote")).to_have_count(2)
    await expect(member.page.locator(".message--notice")).to_have_count(2)
    assert member.sent[0] == member.sent[1]


async def test_when_the_page_cannot_begin_it_says_so_and_can_try_again(member: Visitor, site: Site) -> None:
    member.expected = ("ERR_FAILED",)
    await member.page.route(re.compile("/api/conversations$"), cut, times=1)
    await member.page.goto(site.url)
    await member.page.get_by_role("alert").get_by_role("button", name="再読み込み").click()
    await expect(member.messages).to_have_count(1)
    await expect(member.page.get_by_role("alert")).to_be_empty()


async def test_what_is_sent_before_the_conversation_stands_there_waits_for_it(member: Visitor, site: Site) -> None:
    stands = asyncio.Event()

    async def late(route: Route) -> None:
        await stands.wait()
        await route.continue_()

    await member.page.route(re.compile("/api/conversations$"), late, times=1)
    await member.page.goto(site.url)
    await member.text.fill(QUESTION)
    await member.text.press("Enter")
    await expect(member.text).to_have_value("")
    assert member.sent == []
    stands.set()
    await expect(member.page.locator("blockquote")).to_have_count(2)
    assert await member.page.locator(".message--member").count() == 1
    assert len(member.sent) == 1


def refuse(status: int, *, wait: str = "", **problem: str) -> Callable[[Route], Awaitable[None]]:
    headers = {"Retry-After": wait} if wait else {}

    async def answer(route: Route) -> None:
        body = json.dumps({"status": status, **problem})
        await route.fulfill(status=status, content_type="application/problem+json", headers=headers, body=body)

    return answer


async def refused(member: Visitor, status: int, *, wait: str = "", **problem: str) -> Locator:
    """The alert, after the server has refused a question."""
    member.expected = (str(status),)
    await member.open_chat()
    await member.page.route(MESSAGES, refuse(status, wait=wait, **problem), times=1)
    await member.ask(QUESTION)
    return member.page.get_by_role("alert")


async def test_a_servers_failure_is_shown_with_its_number(member: Visitor) -> None:
    alert = await refused(member, 500, reference="ab12cd34")
    await expect(alert).to_contain_text("照会番号：ab12cd34")
    await expect(member.page.locator(".message--unsent")).to_contain_text(QUESTION)


@pytest.mark.parametrize(
    ("wait", "told"),
    [
        ("10", "10秒ほど待ってから"),
        ("300", "5分ほど待ってから"),
        ("", "少し待ってから"),
        ("Thu, 26 Nov", "少し待ってから"),
    ],
)
async def test_a_busy_server_names_how_long_to_wait(member: Visitor, wait: str, told: str) -> None:
    alert = await refused(member, 503, wait=wait)
    await expect(alert).to_contain_text(f"ただいま混み合っています。{told}")
    await member.page.get_by_role("button", name="再送").click()
    await expect(member.page.locator("blockquote")).to_have_count(2)


async def test_too_many_messages_are_refused_in_the_servers_words_and_can_be_sent_again(member: Visitor) -> None:
    alert = await refused(member, 429, wait="60", detail="1分ほど待ってから、もう一度お試しください。", reference="ab")
    await expect(alert).to_have_text("1分ほど待ってから、もう一度お試しください。")
    await member.page.get_by_role("button", name="再送").click()
    await expect(member.page.locator("blockquote")).to_have_count(2)
    assert member.sent[0] == member.sent[1]


async def test_words_that_are_refused_can_be_written_anew(member: Visitor) -> None:
    alert = await refused(member, 422, detail="この文字は使えません。")
    await expect(alert).to_have_text("この文字は使えません。")
    await expect(member.page.get_by_role("button", name="再送")).to_have_count(0)
    await member.page.get_by_role("button", name="書き直す").click()
    await expect(member.text).to_be_focused()
    await expect(member.text).to_have_value(QUESTION)
    await expect(member.page.locator(".message--member")).to_have_count(0)
    await expect(alert).to_be_empty()
    await member.text.press("Enter")
    await expect(member.page.locator("blockquote")).to_have_count(2)
    assert member.sent[0]["id"] != member.sent[1]["id"]


async def test_what_failed_and_what_was_begun_meanwhile_are_both_kept(member: Visitor) -> None:
    await refused(member, 500)
    await member.text.fill("では保存期間は")
    await member.page.get_by_role("button", name="書き直す").click()
    await expect(member.text).to_have_value(f"{QUESTION}\nでは保存期間は")


async def test_what_failed_can_still_be_sent_after_something_else_was(member: Visitor) -> None:
    await refused(member, 500)
    await member.ask("手数料はいくらですか")
    await member.page.get_by_role("button", name="再送").click()
    await expect(member.page.locator("blockquote")).to_have_count(2)
    await expect(member.page.locator(".unsent")).to_have_count(0)


async def test_a_choice_that_failed_is_sent_again_as_the_same_choice(member: Visitor) -> None:
    member.expected = ("ERR_FAILED",)
    await member.open_chat()
    await member.ask("私の情報の開示を請求します")
    await member.page.route(MESSAGES, cut, times=1)
    await member.press(await member.page.locator(".choices button").first.inner_text())
    await expect(member.page.get_by_role("button", name="書き直す")).to_have_count(0)
    await member.page.get_by_role("button", name="再送").click()
    await member.answer()
    await expect(member.page.locator(".choices")).to_have_count(1)
    assert member.sent[-1] == member.sent[-2]


async def test_an_answer_that_came_by_itself_is_not_drawn_again_when_sent_again(member: Visitor) -> None:
    member.expected = ("ERR_FAILED",)

    await member.open_chat()
    await member.page.route(MESSAGES, lose_the_answer, times=1)
    await member.ask(QUESTION)
    await member.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    await expect(member.page.locator("blockquote")).to_have_count(2)
    await member.page.get_by_role("button", name="再送").click()
    await member.answer()
    await expect(member.page.locator(".unsent")).to_have_count(0)
    await expect(member.page.locator("blockquote")).to_have_count(2)


async def test_the_late_answer_comes_by_itself_after_a_reload_too(member: Visitor, site: Site, clock: SetClock) -> None:
    await member.page.clock.install()
    await member.open_chat()
    site.rasa.is_away = True
    await member.ask(QUESTION)
    await member.page.reload()
    await expect(member.page.locator(".message--error")).to_have_count(1)
    site.rasa.is_away = False
    clock.pass_time(minutes=2)
    await dispatcher.answer_overdue(site.gateway)
    await member.page.clock.fast_forward(5_000)
    await expect(member.page.locator("blockquote")).to_have_count(2)


async def test_looking_for_a_late_answer_ends(member: Visitor, site: Site) -> None:
    await member.page.clock.install()
    await member.open_chat()
    site.rasa.is_away = True
    await member.ask(QUESTION)
    looks: list[str] = []
    member.page.on("request", lambda request: looks.append(request.method))
    for _ in range(60):
        await member.page.clock.run_for(20_000)
    assert looks == ["GET"] * 9


async def test_when_the_server_is_busy_at_the_beginning_the_page_says_so(member: Visitor, site: Site) -> None:
    member.expected = ("503",)
    await member.page.route(re.compile("/api/conversations$"), refuse(503, wait="10"), times=1)
    await member.page.goto(site.url)
    await expect(member.page.get_by_role("alert")).to_contain_text("ただいま混み合っています。10秒ほど")
    await member.page.get_by_role("button", name="再読み込み").click()
    await expect(member.messages).to_have_count(1)
