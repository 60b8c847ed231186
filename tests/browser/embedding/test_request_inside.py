"""The request's page in the chat's place: there, filled in, sent, and back; and who may vouch for whom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from playwright.async_api import Browser, Request, expect
from pydantic import SecretStr
from sqlalchemy import select

from bot.register.identity.models import Proof, ProofSort
from bot.settings import Settings
from bot.storage.engine import transaction
from tests.support.barriers import expect_no_barriers
from tests.support.browsing import Site, visiting
from tests.support.embedding import PAGE, Guest

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

LOOKS: Sequence[dict[str, Any]] = (
    {"viewport": {"width": 1280, "height": 800}},
    {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"},
    {"viewport": {"width": 1280, "height": 800}, "forced_colors": "active"},
    {"viewport": {"width": 320, "height": 640}, "reduced_motion": "reduce"},
)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"smtp_url": SecretStr("smtp://127.0.0.1:1")})


@pytest.mark.parametrize("look", LOOKS, ids=["light", "dark", "forced", "narrow"])
async def test_no_state_has_a_barrier(chromium: Browser, host: str, look: dict[str, Any]) -> None:
    async with visiting(chromium, host, **look) as visitor:
        visitor.expected = ("422",)
        guest = Guest(visitor, host)
        await guest.arrive()
        await guest.expect_no_barriers()
        await guest.open()
        await guest.expect_no_barriers()
        await guest.file()
        await guest.expect_no_barriers()
        await guest.open_request()
        await guest.expect_no_barriers()
        await guest.request.get_by_role("button", name="同意して送信する").click()
        await expect(guest.request.get_by_role("alert")).to_be_focused()
        await guest.expect_no_barriers()


async def test_the_page_opens_in_place_and_the_way_back_keeps_everything(guest: Guest, site: Site) -> None:
    await guest.arrive()
    await guest.open()
    await guest.file()
    assert "新しいタブ" not in await guest.link.inner_text()
    href = await guest.link.get_attribute("href")
    messages = await guest.widget.locator(".message").count()
    await guest.open_request()
    await expect(guest.request.get_by_role("heading", level=1)).to_be_focused()
    await expect(guest.request.get_by_role("link", name="相談窓口へ")).to_have_count(0)
    tab = guest.widget.get_by_role("link", name="新しいタブで開く")
    await expect(tab).to_have_attribute("href", str(href))
    await guest.request.get_by_label("お名前").first.fill("山田 花子")
    await guest.widget.get_by_role("button", name="会話に戻る").click()
    await expect(guest.link).to_be_focused()
    await expect(guest.widget.locator(".message")).to_have_count(messages)
    await guest.open_request()
    await expect(guest.request.get_by_label("お名前").first).to_have_value("山田 花子")
    await guest.request.get_by_label("お名前").first.press("Escape")
    await expect(guest.button).to_be_focused()
    await guest.button.click()
    await expect(guest.request.get_by_label("お名前").first).to_have_value("山田 花子")
    async with guest.visitor.context.expect_page() as opened:
        await tab.click()
    page = await opened.value
    await expect(page.get_by_role("button", name="入力ページを開く")).to_be_visible()
    assert page.url.startswith(f"{site.url}/request/")


async def test_what_was_sent_there_is_told_in_the_chat(guest: Guest) -> None:
    await guest.arrive()
    await guest.open()
    await guest.file()
    messages = await guest.widget.locator(".message--assistant").count()
    await guest.open_request()
    await guest.fill_request()
    await expect(guest.request.get_by_role("heading", name="確認コードの入力")).to_be_focused()
    await guest.request.get_by_role("button", name="あとで確認する").click()
    await expect(guest.request.get_by_role("heading", level=1)).not_to_have_text("確認コードの入力")
    async with guest.page.expect_download() as paper:
        await guest.request.get_by_role("button", name="控え（PDF）を受け取る").click()
    assert (await paper.value).suggested_filename == "receipt.pdf"
    await guest.request.get_by_role("link", name="ご請求のページ").click()
    await expect(guest.request.get_by_role("heading", name="ご請求の状況を見る")).to_be_focused()
    await guest.widget.get_by_role("button", name="会話に戻る").click()
    await expect(guest.widget.locator(".message--assistant")).to_have_count(messages + 1)


async def test_the_site_vouches_for_its_member_on_the_request_s_page_alone(guest: Guest, site: Site) -> None:
    asked: list[Request] = []
    guest.page.on("request", lambda request: asked.append(request))  # noqa: PLW0108 - a method of a list cannot be marked
    await guest.arrive()
    await guest.page.get_by_role("button", name="デモ会員でログイン").click()
    await expect(guest.page.get_by_role("button", name="ログアウト")).to_be_visible()
    await guest.open()
    await guest.ask("口座情報は何に使われますか")
    await guest.file()
    assert not [request for request in asked if request.url.endswith("/member-token")]
    async with guest.page.expect_response("**/member-token") as vouched:
        await guest.open_request()
    token = await (await vouched.value).text()
    assert token.count(".") == 2
    await guest.fill_request()
    await expect(guest.request.get_by_role("heading", name="ご請求に必要なことの入力")).to_have_count(0)
    await guest.widget.get_by_role("button", name="会話に戻る").click()
    await guest.ask("保存期間は")
    with transaction(site.gateway.engine) as session:
        sorts = set(session.scalars(select(Proof.sort)))
    assert ProofSort.MEMBER_TOKEN in sorts
    ours = [request for request in asked if request.url.startswith(site.url)]
    carrying = {request.url.removeprefix(site.url) for request in ours if token in (request.post_data or "")}
    assert carrying
    assert all(path.startswith("/request/") for path in carrying), carrying
    for request in ours:
        assert token not in request.url
        assert token not in str(await request.all_headers())
    assert await guest.page.evaluate("localStorage.length + sessionStorage.length") == 0
    for frame in guest.page.frames:
        assert await frame.evaluate("localStorage.length + sessionStorage.length") == 0


async def test_without_a_member_the_page_opens_at_once_and_nothing_is_vouched_for(guest: Guest, site: Site) -> None:
    await guest.arrive()
    await guest.open()
    await guest.file()
    await guest.open_request()
    await guest.fill_request()
    await expect(guest.request.get_by_role("heading", name="確認コードの入力")).to_be_visible()
    with transaction(site.gateway.engine) as session:
        assert ProofSort.MEMBER_TOKEN not in set(session.scalars(select(Proof.sort)))


async def test_on_its_own_the_page_is_the_whole_chat(chromium: Browser, site: Site) -> None:
    async with visiting(chromium, site.url, viewport={"width": 1280, "height": 800}) as visitor:
        page = visitor.page
        await page.goto(f"{site.url}/widget")
        await visitor.messages.first.wait_for()
        await visitor.ask("口座情報は何に使われますか")
        await expect_no_barriers(page)
        await expect(page.get_by_role("button", name="閉じる")).to_be_hidden()
        await page.reload()
        await expect(visitor.messages).to_have_count(3)
        await expect(page.locator(PAGE)).to_be_hidden()


async def test_without_scripts_it_says_where_to_turn(chromium: Browser, site: Site) -> None:
    async with visiting(chromium, site.url, java_script_enabled=False) as visitor:
        await visitor.page.goto(f"{site.url}/widget")
        await expect(visitor.page.get_by_role("link", name="support@mitsuraku.jp")).to_be_visible()
        await expect(visitor.page.get_by_role("button", name="会話を消す")).to_be_hidden()
        await expect(visitor.text).to_be_hidden()
