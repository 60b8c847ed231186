"""The main job as a person does it: a real Chromium in front of the real product."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from tests.support.browsing import visiting
from tests.support.product import Product

pytestmark = [
    pytest.mark.stack,
    pytest.mark.browser,
    pytest.mark.timeout(600),
    pytest.mark.asyncio(loop_scope="session"),
]


async def test_three_questions_and_a_request_from_the_first_word_to_the_contact_page(
    product: Product, chromium: Browser
) -> None:
    async with visiting(chromium, product.url, viewport={"width": 1100, "height": 900}) as member:
        await member.open_chat()
        bank = await member.ask("口座情報は何に使われますか")
        await expect(bank.locator("blockquote").first).to_contain_text("謝礼金等の入金処理")
        health = await member.ask("健康情報は他社に渡りますか")
        await expect(health).to_contain_text("健康情報（要配慮個人情報）は共同利用の範囲に含まれません")
        fee = await member.ask("開示請求の手数料は")
        await expect(fee).to_contain_text("この方針には書かれていません")

        await member.ask("自分の個人情報を開示してください")
        await member.press("会員情報")
        receipt = await member.press("この内容で受け付ける")
        await expect(receipt).to_contain_text("受付番号")
        async with member.context.expect_page() as opened:
            await receipt.get_by_role("link", name="ご連絡先を入力する").click()
        page = await opened.value
        await page.get_by_role("button", name="入力ページを開く").click()
        await page.get_by_label("本人", exact=True).check()
        await page.get_by_label("お名前").fill("見本 花子")
        await page.get_by_label("メールアドレス", exact=False).first.fill("hanako@example.com")
        await page.get_by_label("メールアドレス（確認のためもう一度）").fill("hanako@example.com")
        await page.get_by_role("button", name="同意して送信する").click()
        await expect(page.locator("main")).to_contain_text("K2")
        await expect(page.get_by_role("button", name="同意して送信する")).to_have_count(0)
