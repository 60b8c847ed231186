"""When the network, the server or Rasa fails, nothing is lost, nothing is doubled, and the page says how things are."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Route, expect

from bot.channels import dispatcher
from tests.browser.conftest import SetClock
from tests.support.browsing import Site, Visitor, cut

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

MESSAGES = re.compile("/api/messages$")


async def hold(_route: Route) -> None:
    """Neither answers nor breaks the connection."""


async def test_sending_again_after_a_broken_connection_uses_the_same_id(member: Visitor) -> None:
    member.expected = ("ERR_FAILED",)
    await member.open_chat()
    await member.page.route(MESSAGES, cut, times=1)
    await member.text.fill("口座情報は何に使われますか")
    await member.text.press("Enter")
    alert = member.page.get_by_role("alert")
    await expect(alert).to_contain_text("送信できませんでした")
    await alert.get_by_role("button", name="再送").click()
    await expect(member.page.locator("blockquote")).to_have_count(2)
    await expect(alert).to_be_empty()
    assert len(member.sent) == 2
    assert member.sent[0] == member.sent[1]
    assert await member.page.locator(".message--member").count() == 1


async def test_an_answer_lost_on_its_way_is_not_worked_out_twice(member: Visitor, site: Site) -> None:
    member.expected = ("ERR_FAILED",)

    async def lose_the_answer(route: Route) -> None:
        await route.fetch()
        await route.abort()

    await member.open_chat()
    await member.page.route(MESSAGES, lose_the_answer, times=1)
    await member.text.fill("口座情報は何に使われますか")
    await member.text.press("Enter")
    await member.page.get_by_role("alert").get_by_role("button", name="再送").click()
    await expect(member.page.locator("blockquote")).to_have_count(2)
    assert len(site.rasa.heard) == 1


async def test_after_twenty_seconds_without_an_answer_the_member_may_send_again(member: Visitor) -> None:
    await member.page.clock.install()
    await member.open_chat()
    await member.page.route(MESSAGES, hold, times=1)
    await member.text.fill("口座情報は何に使われますか")
    await member.text.press("Enter")
    await expect(member.page.get_by_role("status")).to_have_text("お調べしています…")
    await member.page.clock.fast_forward(19_000)
    await expect(member.page.get_by_role("alert")).to_be_empty()
    await member.page.clock.fast_forward(2_000)
    await member.page.get_by_role("alert").get_by_role("button", name="再送").click()
    await expect(member.page.locator("blockquote")).to_have_count(2)
    assert member.sent[0]["id"] == member.sent[1]["id"]


async def test_the_late_answer_follows_the_apology_by_itself(member: Visitor, site: Site, clock: SetClock) -> None:
    await member.page.clock.install()
    await member.open_chat()
    site.rasa.is_away = True
    apology = await member.ask("口座情報は何に使われますか")
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
    answer = await member.ask("口座情報は何に使われますか")
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


async def test_a_servers_refusal_is_shown_with_its_number(member: Visitor) -> None:
    member.expected = ("503",)
    await member.open_chat()
    body = '{"status": 503, "reference": "ab12cd34"}'
    kind = "application/problem+json"
    await member.page.route(MESSAGES, lambda route: route.fulfill(status=503, content_type=kind, body=body), times=1)
    await member.text.fill("口座情報は何に使われますか")
    await member.text.press("Enter")
    await expect(member.page.get_by_role("alert")).to_contain_text("照会番号：ab12cd34")
    await expect(member.page.locator(".message--unsent")).to_contain_text("口座情報")
