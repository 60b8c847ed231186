"""役に立った / 役に立たなかった under what answers a question: pressed, said politely, changed, seen again."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Locator, expect

from bot.storage.engine import transaction
from bot.storage.feedback import given_to
from tests.support.browsing import Site, Visitor, cut

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

QUESTION = "口座情報は何に使われますか"
FEEDBACK = re.compile("/api/messages/[0-9a-f]+/feedback$")


def yes(member: Visitor) -> Locator:
    return member.page.get_by_role("button", name="役に立った", exact=True)


def no(member: Visitor) -> Locator:
    return member.page.get_by_role("button", name="役に立たなかった", exact=True)


def verdicts(site: Site) -> list[bool]:
    with transaction(site.gateway.engine) as session:
        return [verdict.helpful for verdict in given_to(session, site.gateway.controller)]


async def test_an_answer_can_be_called_helpful_and_that_is_said_politely(member: Visitor, site: Site) -> None:
    await member.open_chat()
    await member.ask(QUESTION)
    await expect(yes(member)).to_have_attribute("aria-pressed", "false")
    await yes(member).click()
    await expect(yes(member)).to_have_attribute("aria-pressed", "true")
    await expect(member.page.get_by_role("status")).to_have_text("評価を受け取りました。")
    await expect(yes(member)).to_be_focused()
    assert verdicts(site) == [True]


async def test_a_verdict_can_be_changed(member: Visitor, site: Site) -> None:
    await member.open_chat()
    await member.ask(QUESTION)
    await yes(member).click()
    await no(member).click()
    await expect(no(member)).to_have_attribute("aria-pressed", "true")
    await expect(yes(member)).to_have_attribute("aria-pressed", "false")
    assert verdicts(site) == [False]


async def test_a_verdict_is_seen_again_after_a_reload(member: Visitor) -> None:
    await member.open_chat()
    await member.ask(QUESTION)
    await no(member).click()
    await expect(no(member)).to_have_attribute("aria-pressed", "true")
    await member.page.reload()
    await expect(no(member)).to_have_attribute("aria-pressed", "true")


async def test_that_the_policy_says_nothing_can_be_judged_too(member: Visitor) -> None:
    await member.open_chat()
    answer = await member.ask("手数料はいくらですか")
    await expect(answer).to_have_class(re.compile("message--not_in_policy"))
    await expect(answer.get_by_role("group", name="この回答は役に立ちましたか").get_by_role("button")).to_have_count(2)


async def test_notices_and_steps_of_a_request_are_not_judged(member: Visitor) -> None:
    await member.open_chat()
    await member.ask("私の情報の開示を請求します")
    while await member.page.locator(".choices").count():
        await member.press(await member.page.locator(".choices button").first.inner_text())
    await expect(yes(member)).to_have_count(0)


async def test_a_verdict_that_does_not_arrive_is_not_shown_as_given(member: Visitor, site: Site) -> None:
    member.expected = ("ERR_FAILED",)
    await member.open_chat()
    await member.ask(QUESTION)
    await member.page.route(FEEDBACK, cut, times=1)
    await yes(member).click()
    alert = member.page.get_by_role("alert")
    await expect(alert).to_contain_text("評価を送信できませんでした")
    await expect(yes(member)).to_have_attribute("aria-pressed", "false")
    await yes(member).click()
    await expect(alert).to_be_empty()
    assert verdicts(site) == [True]
