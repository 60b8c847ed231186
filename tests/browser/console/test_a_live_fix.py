"""From a wrong answer to a live fix: tried, made a card, run green, published by a second person, and answered.

The real assistant on a small policy, the real regression runner, two browsers. Every press is counted.
"""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from bot.clock import system_clock
from bot.policy.assistant import Assistant, open_assistant
from bot.policy.releases.following import Following, Where
from bot.policy.releases.in_force import InForce
from bot.staff.roles import Role
from tests.browser.console.conftest import At
from tests.support.console import Desk, console_settings, running_console
from tests.support.releases import CARD, write_corpus
from tests.support.small_policy import ID

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

QUESTION = "注文の記録はいつまで残るのでしょう"
SENTENCE = "注文の記録は、受注から7年残ります。"
CASES = """\
title: 方針から答える質問
about: 引用で答えるか。
cases:
  - id: outsourcing
    say: 委託していますか
    expect: answer
"""
_MOST_PRESSES = 15
_LOADING = 300_000


@pytest_asyncio.fixture(loop_scope="session")
async def desk(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Desk]:
    """A console on a small policy with one set of cases; the real assistant opens when it is first asked."""
    shutil.copy(sqlite_template, tmp_path / "console.db")
    cases = tmp_path / "regression" / ID / "answers.yml"
    cases.parent.mkdir(parents=True)
    cases.write_text(CASES, encoding="utf-8")
    settings = console_settings(
        f"sqlite:///{tmp_path / 'console.db'}",
        corpus_dir=write_corpus(tmp_path, CARD),
        data_dir=tmp_path / "var",
        regression_dir=tmp_path / "regression",
        default_policy=ID,
    )
    async with running_console(settings) as running:
        yield running


class Hand:
    """Presses, and counts what it presses."""

    def __init__(self) -> None:
        self.presses = 0

    async def press(self, page: Page, title: str, role: str = "button") -> None:
        """A button or link by its name."""
        await page.get_by_role(role, name=title, exact=True).first.click(timeout=_LOADING)  # type: ignore[arg-type]  # one of ARIA's roles
        self.presses += 1


def following(desk: Desk) -> Following[Assistant]:
    """What the action server keeps: the assistant of the release in force."""
    settings = desk.console.settings

    def make(found: InForce, day: date, before: Assistant | None) -> Assistant:
        return open_assistant(settings, corpus=found.corpus, day=day, beside=before).released(found.number)

    return Following(Where(settings, lambda: desk.console.engine, system_clock), make)


async def test_a_wrong_answer_becomes_a_live_fix_by_two_people(desk: Desk, at_desk: At) -> None:
    answering, hand = following(desk), Hand()
    before = answering.get().answer(QUESTION, None, system_clock())
    assert SENTENCE not in before.message.text
    assert before.trace["release"] == 0

    async with at_desk(Role.COUNSELLOR, "sato") as visitor:
        page = visitor.page
        await page.goto(f"{visitor.url}/try")
        await page.get_by_label("質問", exact=True).fill(QUESTION)
        await hand.press(page, "試す")
        await hand.press(page, "カードを作る")
        await page.get_by_label("題名").fill("記録の保存期間")
        await page.get_by_label("質問の言い方").fill(f"{QUESTION}\n何年たつと捨てられますか\n消えるまでの年数は")
        await page.get_by_label("回答の文").fill(SENTENCE)
        await page.get_by_label("やさしい日本語の文").fill(
            "注文（ちゅうもん）の記録（きろく）は、7年（ねん）残（のこ）ります。"
        )
        await page.get_by_role("checkbox", name="特定の人がわかる内容がない").check()
        # What the answer quoted is ticked already; the line of the table is ticked where it is not.
        kept = page.locator("input[name='keep'][value='受注から7年']")
        if not await kept.count():
            await page.locator("summary", has_text="保存期間").click()
            await page.locator("label", has_text="受注から7年").locator("input[name='pick']").check()
            hand.presses += 2
        for box in await page.locator("input[name='keep']").all():
            if await box.get_attribute("value") != "受注から7年":
                await box.uncheck()
                hand.presses += 1
        hand.presses += 1
        await hand.press(page, "公開候補に保存")
        await hand.press(page, "公開候補", "link")
        await hand.press(page, "回帰テストを実行する", "link")
        await hand.press(page, "選んだセットを実行")
        await expect(page.get_by_text("終わりました。")).to_be_visible(timeout=_LOADING)

    async with at_desk(Role.OFFICER, "suzuki") as visitor:
        page = visitor.page
        await page.goto(f"{visitor.url}/improving")
        await expect(page.get_by_text("回帰テスト合格")).to_be_visible()
        await hand.press(page, "公開の画面へ", "link")
        await hand.press(page, "公開する")
        await expect(page.get_by_text("いまの公開番号：1")).to_be_visible()
        await expect(page.get_by_role("link", name="合格")).to_be_visible()

    assert answering.look()
    after = answering.get().answer(QUESTION, None, system_clock())
    assert SENTENCE in after.message.text
    assert after.trace["release"] == 1
    assert hand.presses <= _MOST_PRESSES, hand.presses
