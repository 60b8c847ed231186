"""The request's page by a person in a browser: each state without barriers, at every width, with the keyboard alone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page, expect
from pydantic import SecretStr
from sqlalchemy import select

from bot.app import build_app
from bot.channels.gateway import Gateway, open_gateway
from bot.register.kinds import ADVERTISING, Kind
from bot.register.models import Contact
from bot.register.thread.models import StoredFile
from bot.settings import Settings
from bot.storage.engine import transaction
from tests.support.barriers import expect_no_barriers
from tests.support.browsing import Visitor, visiting
from tests.support.request_pages import PDF, FiledPage, file_with_page, latest_code

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

LOOKS: Sequence[dict[str, Any]] = (
    {"viewport": {"width": 1280, "height": 900}},
    {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
    {"viewport": {"width": 1280, "height": 900}, "forced_colors": "active"},
    {"viewport": {"width": 320, "height": 640}, "reduced_motion": "reduce"},
    {"viewport": {"width": 320, "height": 640}, "java_script_enabled": False},
)
NAMES = ["light", "dark", "forced", "narrow", "without script"]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"smtp_url": SecretStr("smtp://127.0.0.1:1")})


@pytest_asyncio.fixture(loop_scope="session")
async def gateway(settings: Settings) -> AsyncIterator[tuple[str, Gateway]]:
    opened = open_gateway(settings)
    async with TestServer(build_app(opened)) as server:
        yield str(server.make_url("/")).rstrip("/"), opened


async def open_form(page: Page, url: str, filed: FiledPage) -> None:
    await page.goto(url + filed.path)
    await page.get_by_role("button", name="入力ページを開く").click()


async def fill_person(page: Page, *, email: str = "hanako@example.com") -> None:
    await page.get_by_label("本人", exact=True).check()
    await page.get_by_label("お名前").first.fill("山田 花子")
    await fill_email(page, email)


async def fill_email(page: Page, email: str) -> None:
    await page.locator("#email").fill(email)
    await page.locator("#email_again").fill(email)


async def send(page: Page) -> None:
    await page.get_by_role("button", name="同意して送信する").click()


async def check(visitor: Visitor, look: dict[str, Any]) -> None:
    """Barriers are looked for with axe, which is a script; without scripts only the width is."""
    if look.get("java_script_enabled", True):
        await expect_no_barriers(visitor.page)


@pytest.mark.parametrize("look", LOOKS, ids=NAMES)
async def test_no_state_has_a_barrier(
    chromium: Browser, gateway: tuple[str, Gateway], tmp_path: Path, look: dict[str, Any]
) -> None:
    url, opened = gateway
    receipt = tmp_path / "領収書.pdf"
    receipt.write_bytes(PDF)
    filed = file_with_page(opened, *(kind for kind in Kind if kind.is_filed), scope=None)
    async with visiting(chromium, url, **look) as visitor:
        visitor.expected = ("422",)
        page = visitor.page
        await open_form(page, url, filed)
        await check(visitor, look)
        await page.get_by_label("任意代理人").check()
        await page.get_by_label("郵送").check()
        await send(page)
        await expect(page.get_by_role("alert")).to_be_focused()
        await check(visitor, look)
        await page.get_by_role("link", name="訂正の「どの項目か」").click()
        await expect(page.locator("#correction_item")).to_be_in_viewport()
        await page.get_by_label("メール", exact=True).check()
        await fill_person(page)
        for kind in ("correction", "addition", "deletion"):
            await page.locator(f"#{kind}_item").fill("電話番号")
        for kind in ("correction", "addition"):
            await page.locator(f"#{kind}_should_be").fill("090-1234-5678")
        await page.locator("#evidence_files").set_input_files(receipt)
        await send(page)
        await expect(page.get_by_role("heading", name="確認コードの入力")).to_be_visible()
        await check(visitor, look)
        await page.get_by_label("確認コード").fill("12")
        await page.get_by_role("button", name="確認する", exact=True).click()
        await expect(page.get_by_role("alert")).to_be_focused()
        await check(visitor, look)
        await page.get_by_role("button", name="もう一度送る").click()
        await page.get_by_label("確認コード").fill(latest_code(opened))
        await page.get_by_label("確認コード").press("Enter")
        await expect(page.get_by_role("heading", name="メールアドレスを確認しました")).to_be_visible()
        await check(visitor, look)
        await page.goto(url + filed.path)
        await page.get_by_role("button", name="入力ページを開く").click()
        await expect(page.get_by_role("heading", name="入力は済んでいます")).to_be_visible()
        await check(visitor, look)
    with transaction(opened.engine) as session:
        [kept] = session.scalars(select(StoredFile)).all()
        name = opened.vault.open(kept.sealed_name, table="stored_file", row=kept.id, column="sealed_name")
        assert (name, kept.media_type, kept.size) == ("領収書.pdf", "application/pdf", len(PDF))


@pytest.mark.parametrize("look", LOOKS, ids=NAMES)
async def test_mails_are_stopped_with_an_address_and_a_code(
    chromium: Browser, gateway: tuple[str, Gateway], look: dict[str, Any]
) -> None:
    url, opened = gateway
    filed = file_with_page(opened, Kind.USE_STOP, scope=ADVERTISING)
    async with visiting(chromium, url, **look) as visitor:
        page = visitor.page
        await open_form(page, url, filed)
        await check(visitor, look)
        await fill_email(page, "hanako@example.com")
        await send(page)
        await page.get_by_label("確認コード").fill(latest_code(opened))
        await page.get_by_role("button", name="確認する", exact=True).click()
        await expect(page.get_by_role("heading", name="メールアドレスを確認しました")).to_be_visible()
        await check(visitor, look)


@pytest.mark.parametrize("look", LOOKS, ids=NAMES)
async def test_mails_are_stopped_with_further_companies_by_the_same_code(
    chromium: Browser, settings: Settings, look: dict[str, Any]
) -> None:
    sisters = {"parking": "見本駐車株式会社", "outing": "見本おでかけ株式会社"}
    opened = open_gateway(settings.model_copy(update={"sister_controllers": sisters}))
    filed = file_with_page(opened, Kind.USE_STOP, scope=ADVERTISING)
    async with TestServer(build_app(opened)) as server, visiting(chromium, str(server.make_url("")), **look) as visitor:
        page = visitor.page
        await open_form(page, visitor.url.rstrip("/"), filed)
        await fill_email(page, "hanako@example.com")
        await page.get_by_label("見本駐車株式会社").check()
        await check(visitor, look)
        await send(page)
        await page.get_by_label("確認コード").fill(latest_code(opened))
        await page.get_by_role("button", name="確認する", exact=True).click()
        await expect(page.get_by_role("heading", name="メールアドレスを確認しました")).to_be_visible()
        await expect(page.get_by_role("region", name="いっしょに受け付けた会社")).to_contain_text("（調査の前）")
        await check(visitor, look)


@pytest.mark.parametrize("look", LOOKS, ids=NAMES)
async def test_by_post_a_code_is_shown_to_print(
    chromium: Browser, gateway: tuple[str, Gateway], look: dict[str, Any]
) -> None:
    url, opened = gateway
    filed = file_with_page(opened, Kind.DISCLOSURE, scope="口座情報")
    async with visiting(chromium, url, **look) as visitor:
        page = visitor.page
        await open_form(page, url, filed)
        await expect(page.get_by_label("郵便番号")).to_be_hidden()
        await page.get_by_label("本人", exact=True).check()
        await page.get_by_label("お名前").first.fill("山田 花子")
        await page.get_by_label("郵送").check()
        await page.get_by_label("郵便番号").fill("1000001")
        await page.get_by_label("ご住所").fill("東京都千代田区千代田1-1")
        await send(page)
        await expect(page.locator(".resume__code")).to_be_visible()
        await check(visitor, look)
    with transaction(opened.engine) as session:
        assert session.scalars(select(Contact.reply_by)).one() == "post"


async def test_only_what_is_needed_shows(chromium: Browser, gateway: tuple[str, Gateway]) -> None:
    url, opened = gateway
    async with visiting(chromium, url) as visitor:
        page = visitor.page
        await open_form(page, url, file_with_page(opened, Kind.DISCLOSURE))
        for name in ("subject", "postal_code", "address", "phone", "identity_files"):
            await expect(page.locator(f"#{name}")).to_be_hidden()
        await page.get_by_label("ご遺族など").check()
        await page.get_by_label("電話", exact=True).check()
        for name in ("subject", "phone", "identity_files", "email"):
            await expect(page.locator(f"#{name}")).to_be_visible()
        await expect(page.locator("#address")).to_be_hidden()


async def test_the_keyboard_goes_through_the_form_in_its_reading_order(
    chromium: Browser, gateway: tuple[str, Gateway]
) -> None:
    url, opened = gateway
    async with visiting(chromium, url) as visitor:
        page = visitor.page
        await open_form(page, url, file_with_page(opened, Kind.CORRECTION))
        visited: list[str] = []
        await page.locator("#role").focus()
        while "step" not in visited:
            visited.append(str(await page.evaluate("document.activeElement.name")))
            await page.keyboard.press("Tab")
        assert visited == [
            "role",
            "name",
            "correction_item",
            "correction_is_now",
            "correction_should_be",
            "correction_reason",
            "reply_by",
            "email",
            "email_again",
            "evidence_files",
            "remarks",
            "step",
        ]


async def test_a_screen_reader_meets_the_form_in_this_order(chromium: Browser, gateway: tuple[str, Gateway]) -> None:
    url, opened = gateway
    async with visiting(chromium, url) as visitor:
        page = visitor.page
        await open_form(page, url, file_with_page(opened, Kind.USE_STOP, scope=ADVERTISING))
        await expect(page.locator(".panel")).to_match_aria_snapshot("""
            - heading "配信停止の手続き" [level=1]
            - list "受け付けたご請求":
              - listitem
            - paragraph
            - text: メールアドレス必須
            - textbox "メールアドレス必須"
            - text: メールアドレス（確認のためもう一度）必須
            - textbox "メールアドレス（確認のためもう一度）必須"
            - region "個人情報の取り扱い":
              - heading "個人情報の取り扱い" [level=2]
              - term: 事業者名
              - definition: 株式会社EPARKリラク＆エステ
              - term: 利用目的
              - definition
              - term: 開示等のご請求の窓口
              - definition
            - paragraph:
              - button "同意して送信する"
        """)
