"""The pages of 改善 in a real browser: no barrier in any state, and a fix made by two people with the mouse."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from bot.policy.releases.entry_files import places
from bot.policy.releases.in_force import find_in_force
from bot.staff.roles import Role
from tests.browser.console.conftest import At
from tests.support.barriers import expect_no_barriers
from tests.support.console import Desk

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

_SHOTS = os.environ.get("MADOGUCHI_SHOTS", "")
_WIDTHS = (1280, 400)
_WHY = "誤った案内を止めるため、先に公開します。"
POLICY = "eparkrelax/privacy"


async def _look(page: Page, name: str) -> None:
    """No barrier at any width, and nothing that scrolls sideways."""
    for width in _WIDTHS:
        await page.set_viewport_size({"width": width, "height": 900})
        await expect_no_barriers(page)
        assert await page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
        if _SHOTS:
            await page.screenshot(path=Path(_SHOTS) / f"improving-{name}-{width}.png", full_page=True)
    await page.set_viewport_size({"width": 1280, "height": 900})


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_page_of_improving_has_no_barrier(at_desk: At, scheme: str) -> None:
    async with at_desk(Role.COUNSELLOR, "sato", color_scheme=scheme) as visitor:
        page = visitor.page
        visitor.expected = ("400",)  # the status of a form that has faults; the browser tells its console
        for path in ("", "/cards", "/gaps", "/words", "/phrases", "/history", "/cards/new", "/gaps/new", "/words/new"):
            await page.goto(f"{visitor.url}/improving{path}")
            await _look(page, f"{path.strip('/').replace('/', '-') or 'empty'}-{scheme}")
        await page.goto(f"{visitor.url}/improving/phrases/answer")
        await page.get_by_label("この方針の文").fill("方針の記載をご覧ください。")
        await page.get_by_role("button", name="公開候補に保存").click()
        await page.goto(f"{visitor.url}/improving")
        await _look(page, f"candidate-{scheme}")
        await page.goto(f"{visitor.url}/improving/cards/purposes-all")
        await page.get_by_label("題名").fill("")
        await page.locator("form.editor").evaluate("form => form.noValidate = true")
        await page.get_by_role("button", name="公開候補に保存").click()
        await expect(page.get_by_role("alert")).to_contain_text("題名")
        await _look(page, f"fault-{scheme}")
    async with at_desk(Role.OFFICER, "suzuki", color_scheme=scheme) as visitor:
        await visitor.page.goto(f"{visitor.url}/improving/publish")
        await _look(visitor.page, f"publish-{scheme}")


@pytest.mark.parametrize("has_script", [True, False])
async def test_a_card_goes_live_by_the_mouse_of_two_people(desk: Desk, at_desk: At, has_script: bool) -> None:  # noqa: FBT001 - a parameter of the test
    async with at_desk(Role.COUNSELLOR, "sato", java_script_enabled=has_script) as visitor:
        page = visitor.page
        await page.goto(f"{visitor.url}/improving/cards")
        await page.get_by_role("link", name="追加する").click()
        await page.get_by_label("題名").fill("回答までの期間（試験）")
        await page.get_by_label("質問の言い方").fill(
            "何日待てば届くのでしょう\n待つ日数の目安は\nどのくらい待たされるのか"
        )
        await page.get_by_label("回答の文").fill("決められた期間のうちに回答します。")
        await page.get_by_label("やさしい日本語の文").fill("きまった日（ひ）までに答（こた）えます。")
        await page.locator("summary", has_text="開示等の手続き").click()
        await page.get_by_label("2週間以内にご本人様ご希望の方法により回答します。").check()
        await page.get_by_role("button", name="公開候補に保存").click()
        await expect(page.get_by_role("link", name="回答までの期間（試験）")).to_be_visible()
    async with at_desk(Role.OFFICER, "suzuki", java_script_enabled=has_script) as visitor:
        page = visitor.page
        await page.goto(f"{visitor.url}/improving")
        await page.get_by_role("link", name="公開の画面へ").click()
        await expect(page.get_by_text("決められた期間のうちに回答します。")).to_be_visible()
        await page.get_by_label("合格なしで公開する理由").fill(_WHY)
        await page.get_by_role("button", name="理由を記録して公開する").click()
        await expect(page.get_by_text("いまの公開番号：1")).to_be_visible()
        if has_script:
            await _look(page, "history-one")
        console = desk.console
        cards = (find_in_force(console.engine, console.settings, POLICY).corpus / POLICY / "answers.yml").read_text(
            encoding="utf-8"
        )
        (entry,) = [place.row for place in places(cards) if place.row["topic"] == "回答までの期間（試験）"]
        (quote,) = entry["quotes"]
        assert "2週間以内にご本人様ご希望の方法により回答します。" in quote
        assert entry["approved_by"] == "見本 suzuki"
        await page.get_by_role("button", name="公開番号 0 に戻す").click()
        await expect(page.get_by_text("いまの公開番号：0")).to_be_visible()
        assert find_in_force(console.engine, console.settings, POLICY).number == 0
