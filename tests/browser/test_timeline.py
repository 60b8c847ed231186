"""The request's page in Chromium without any script: a whole visit, no barrier in any state, one reading order."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from bot.register.kinds import Kind
from bot.register.models import State
from bot.register.thread.messages import write_to_member
from bot.storage.engine import transaction
from tests.browser.conftest import SetClock
from tests.support.barriers import expect_no_barriers
from tests.support.browsing import Site, Visitor, visiting
from tests.support.timeline_cases import ANSWER, QUESTION, SATO, Desk

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

LOOKS: Sequence[dict[str, Any]] = (
    {"viewport": {"width": 1280, "height": 900}},
    {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
    {"viewport": {"width": 1280, "height": 900}, "forced_colors": "active"},
    {"viewport": {"width": 320, "height": 640}, "reduced_motion": "reduce"},
    {"viewport": {"width": 320, "height": 256}, "color_scheme": "dark"},
)
IDS = ["light", "dark", "forced", "narrow", "zoomed"]
ONE_COLUMN = 320
BROUGHT_TO = {
    Kind.PURPOSE_NOTICE: State.VERIFIED,
    Kind.DISCLOSURE: State.NOTIFIED,
    Kind.CORRECTION: State.SCOPE_PENDING,
    Kind.ADDITION: State.IN_REVIEW,
    Kind.USE_STOP: State.IDENTITY_EXPIRED,
    Kind.ERASURE: State.WITHDRAWN,
    Kind.THIRD_PARTY_STOP: State.DECIDED,
    Kind.THIRD_PARTY_RECORD: State.CLOSED,
    Kind.INQUIRY: State.IDENTITY_PENDING,
}
SHOTS = os.environ.get("MADOGUCHI_TIMELINE_SHOTS", "")


@pytest.fixture
def desk(site: Site) -> Desk:
    return Desk(site.gateway)


async def enter(member: Visitor, desk: Desk, number: str, clock: SetClock) -> None:
    """Opens the page as its visitor does."""
    clock.pass_time(seconds=1)
    await member.page.goto(f"{member.url}/request")
    await member.page.get_by_label("受付番号").fill(number)
    await member.page.get_by_role("button", name="メールにコードを送る").click()
    await member.page.get_by_label("確認コード（6桁の数字）").fill(desk.newest_code())
    await member.page.get_by_role("button", name="開く", exact=True).click()
    await expect(member.page.get_by_role("heading", level=1)).to_have_text("ご請求の状況")


@asynccontextmanager
async def scriptless(chromium: Browser, site: Site, **look: Any) -> AsyncIterator[Visitor]:  # noqa: ANN401 - what Playwright takes
    """axe needs scripts of its own, which run beside the page's: the page itself has none by its content policy."""
    async with visiting(chromium, site.url, **look) as member:
        member.expected = ("403", "409", "422")
        yield member


async def look_at(page: Page, name: str) -> None:
    await expect_no_barriers(page)
    if SHOTS:
        width = page.viewport_size["width"] if page.viewport_size else 0
        await page.screenshot(path=Path(SHOTS) / f"{name}-{width}.png", full_page=True)


async def read_in_order(page: Page) -> list[str]:
    """What a screen reader reads, one text after the other; in one column that never goes back up the page."""
    read = await page.evaluate(_READ)
    if page.viewport_size and page.viewport_size["width"] <= ONE_COLUMN:
        tops = [top for _, top in read]
        assert tops == sorted(tops)
    return [text for text, _ in read]


def follow(told: list[str], *landmarks: str) -> None:
    for landmark in landmarks:
        place = next((number for number, text in enumerate(told) if text.startswith(landmark)), None)
        assert place is not None, f"{landmark} is not read after what comes before it"
        told = told[place + 1 :]


@pytest.mark.parametrize("look", LOOKS, ids=IDS)
async def test_the_door_has_no_barrier(chromium: Browser, site: Site, look: dict[str, Any], desk: Desk) -> None:
    async with scriptless(chromium, site, **look) as member:
        page = member.page
        await page.goto(f"{site.url}/request")
        await look_at(page, "door")
        await page.get_by_role("button", name="メールにコードを送る").click()
        await expect(page.get_by_label("受付番号", exact=True)).to_have_attribute("aria-invalid", "true")
        await look_at(page, "door-without-number")
        await page.get_by_label("受付番号", exact=True).fill(desk.file()[0].number)
        await page.get_by_label("控えに印刷された再開コード").fill("AAAA")
        await page.get_by_role("button", name="再開コードで開く").click()
        await look_at(page, "door-wrong-resume-code")
        await page.get_by_label("控えに印刷された再開コード").fill("")
        await page.get_by_role("button", name="メールにコードを送る").click()
        await look_at(page, "code")
        await page.get_by_label("確認コード（6桁の数字）").fill("12345x")
        await page.get_by_role("button", name="開く", exact=True).click()
        await expect(page.get_by_role("alert")).to_be_visible()
        await look_at(page, "code-wrong")
        await page.goto(f"{site.url}/request/case")
        await look_at(page, "over")


@pytest.mark.parametrize("look", LOOKS, ids=IDS)
async def test_no_state_has_a_barrier(
    chromium: Browser, site: Site, look: dict[str, Any], desk: Desk, clock: SetClock
) -> None:
    async with scriptless(chromium, site, **look) as member:
        receipts = desk.filed_with_details(*BROUGHT_TO)
        for receipt in receipts:
            desk.bring(receipt.request_id, BROUGHT_TO[receipt.kind])
        await enter(member, desk, receipts[0].number, clock)
        await look_at(member.page, "states")
        await expect(member.page.locator("[aria-current=step]")).to_have_count(len(receipts) - 2)


@pytest.mark.parametrize("look", LOOKS, ids=IDS)
async def test_no_step_has_a_barrier(
    chromium: Browser, site: Site, look: dict[str, Any], desk: Desk, clock: SetClock
) -> None:
    async with scriptless(chromium, site, **look) as member:
        page = member.page
        receipts = desk.file(Kind.DISCLOSURE, Kind.ERASURE, scope="健康情報")
        desk.give_details(receipts)
        await enter(member, desk, receipts[0].number, clock)
        first = page.locator("section").first
        await first.get_by_role("button", name="メッセージを送る").click()
        await expect(page.get_by_role("alert")).to_be_visible()
        await look_at(page, "message-missing")
        await first.get_by_role("button", name="ファイルを送る").click()
        await look_at(page, "file-missing")
        await first.get_by_role("button", name="取下げに進む").click()
        await look_at(page, "withdraw")
        await page.get_by_role("button", name="取り下げる").click()
        await expect(page.get_by_role("status")).to_have_text("取り下げました。")
        await look_at(page, "withdrawn")
        await page.get_by_role("button", name="閉じる").click()
        await look_at(page, "closed")


@pytest.mark.parametrize("look", LOOKS, ids=IDS)
async def test_a_request_whose_contact_is_missing_has_no_barrier(
    chromium: Browser, site: Site, look: dict[str, Any], desk: Desk
) -> None:
    async with scriptless(chromium, site, **look) as member:
        page = member.page
        (receipt,) = desk.file()
        await page.goto(f"{site.url}/request")
        await page.get_by_label("受付番号", exact=True).fill(receipt.number)
        await page.get_by_label("控えに印刷された再開コード").fill(desk.resume_code(receipt.request_id))
        await page.get_by_role("button", name="再開コードで開く").click()
        await expect(page.locator(".now")).to_contain_text("いまは、お客様の番です。")
        await look_at(page, "received")
        read = await read_in_order(page)
        follow(
            read,
            "受付",
            "本人確認",
            "調査",
            "回答",
            "いまは",
            "お返事をお届けするため",
            "ご連絡先を入力する",
            "メッセージ",
        )
        await page.get_by_role("button", name="ご連絡先を入力する").click()
        await expect(page.get_by_role("button", name="入力ページを開く")).to_be_visible()
        await look_at(page, "received-details")


@pytest.mark.parametrize("look", LOOKS, ids=IDS)
async def test_an_answer_by_post_has_no_barrier(
    chromium: Browser, site: Site, look: dict[str, Any], desk: Desk, clock: SetClock
) -> None:
    async with scriptless(chromium, site, **look) as member:
        (receipt,) = desk.filed_with_details()
        desk.bring(receipt.request_id, State.IN_REVIEW)
        desk.decide_and_post(receipt.request_id, "1234-5678-9012")
        await enter(member, desk, receipt.number, clock)
        await expect(member.page.get_by_text("に郵送しました。")).to_contain_text("1234-5678-9012")
        await look_at(member.page, "posted")
        follow(
            await read_in_order(member.page),
            "いまは",
            "結果が決まりました",
            "回答",
            "2026年",
            "1234-5678-9012",
            "メッセージ",
        )


@pytest.mark.parametrize("look", LOOKS, ids=IDS)
async def test_the_form_for_the_code_of_an_answer_has_no_barrier(
    chromium: Browser, site: Site, look: dict[str, Any], desk: Desk, clock: SetClock
) -> None:
    async with scriptless(chromium, site, **look) as member:
        page = member.page
        (receipt,) = desk.filed_with_details()
        desk.bring(receipt.request_id, State.NOTIFIED)
        await enter(member, desk, receipt.number, clock)
        await expect(page.locator(".now")).to_contain_text("回答のファイルをお受け取りください。")
        await page.get_by_role("button", name="確認コードを送って受け取る").click()
        await look_at(page, "answer-code")
        await page.get_by_label("確認コード（6桁の数字）").fill("12345x")
        await page.get_by_role("button", name="回答をダウンロードする").click()
        await expect(page.get_by_role("alert")).to_be_visible()
        await expect(page.get_by_label("確認コード（6桁の数字）")).to_have_attribute("aria-invalid", "true")
        await look_at(page, "answer-code-wrong")


async def test_a_whole_visit_without_scripts(
    chromium: Browser, site: Site, desk: Desk, clock: SetClock, tmp_path: Path
) -> None:
    async with visiting(chromium, site.url, java_script_enabled=False) as member:
        member.expected = ("403",)
        page = member.page
        (receipt,) = desk.filed_with_details()
        desk.bring(receipt.request_id, State.SCOPE_PENDING)
        await enter(member, desk, receipt.number, clock)
        await expect(page.get_by_text(QUESTION)).to_be_visible()
        await page.get_by_label("窓口へのメッセージ").fill("新宿のお店です。")
        await page.get_by_role("button", name="メッセージを送る").click()
        await expect(page.get_by_text("新宿のお店です。")).to_be_visible()
        await page.get_by_label("ご請求に関する資料を選ぶ").set_input_files(
            {"name": "控え.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 ..."}
        )
        await page.get_by_role("button", name="ファイルを送る").click()
        await expect(page.get_by_text("ご請求に関する資料（PDF、1KB）")).to_be_visible()
        assert desk.state(receipt.request_id) is State.IN_REVIEW

        desk.decide_and_release(receipt.request_id)
        clock.pass_time(seconds=1)
        await page.reload()
        await page.get_by_role("button", name="確認コードを送って受け取る").click()
        await page.get_by_label("確認コード（6桁の数字）").fill(desk.newest_code())
        async with page.expect_download() as downloading:
            await page.get_by_role("button", name="回答をダウンロードする").click()
        download = await downloading.value
        assert download.suggested_filename == "予約履歴.pdf"
        await download.save_as(tmp_path / "answer")
        assert await asyncio.to_thread((tmp_path / "answer").read_bytes) == ANSWER

        await page.get_by_role("link", name="状況のページに戻る").click()
        await page.get_by_role("button", name="閉じる").click()
        await expect(page.get_by_role("heading", name="ページを閉じました")).to_be_visible()
        await page.go_back()
        await expect(page.get_by_text(receipt.number)).to_have_count(0)


async def test_everything_is_read_in_the_order_it_is_seen(
    chromium: Browser, site: Site, desk: Desk, clock: SetClock
) -> None:
    async with visiting(chromium, site.url, viewport={"width": 320, "height": 640}) as member:
        (receipt,) = desk.filed_with_details()
        desk.bring(receipt.request_id, State.NOTIFIED)
        with transaction(site.gateway.engine) as session:
            facts: dict[str, Any] = {"actor": SATO, "now": clock(), "vault": desk.vault}
            write_to_member(session, receipt.request_id, "ご確認ください。", **facts)
        await enter(member, desk, receipt.number, clock)

        read = await read_in_order(member.page)

        follow(
            read, "ご請求の状況", "開示", "受付", "本人確認", "調査", "回答", "いまは", "回答", "メッセージ", "閉じる"
        )


async def test_the_keyboard_gets_everywhere_in_that_order(
    chromium: Browser, site: Site, desk: Desk, clock: SetClock
) -> None:
    async with visiting(chromium, site.url, viewport={"width": 1280, "height": 900}) as member:
        (receipt,) = desk.filed_with_details()
        await enter(member, desk, receipt.number, clock)
        await member.page.evaluate("document.activeElement.blur()")
        reached = []
        for _ in range(8):
            await member.page.keyboard.press("Tab")
            reached.append(await member.page.evaluate(_FOCUSED))

        assert [name for name, _ in reached] == [
            "text",
            "メッセージを送る",
            "file",
            "ファイルを送る",
            "取下げに進む",
            "控え（PDF）を受け取る",
            "閉じる",
            "",
        ]
        assert all(is_seen for name, is_seen in reached if name)


_READ = """
() => {
  const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  const read = [];
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim();
    const range = document.createRange();
    range.selectNodeContents(walker.currentNode);
    const box = range.getBoundingClientRect();
    if (text && box.height) read.push([text, Math.round((box.top + scrollY) / 40)]);
  }
  return read;
}
"""

_FOCUSED = """
() => {
  const element = document.activeElement;
  if (element === document.body) return ["", false];
  return [element.name && element.tagName !== "BUTTON" ? element.name : element.textContent.trim(),
    getComputedStyle(element).outlineStyle !== "none"];
}
"""
