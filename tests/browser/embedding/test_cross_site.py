"""A host of another registrable domain: `localhost` beside `127.0.0.1` is one, for browsers."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from bot.settings import Settings
from tests.support.browsing import visiting
from tests.support.embedding import Guest

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    origins = settings.embed_origins.replace("127.0.0.1", "localhost")
    return settings.model_copy(update={"embed_origins": origins, "embed_cross_site": True})


async def test_the_conversation_lives_on_in_the_site_s_own_partition(chromium: Browser, host: str) -> None:
    host = host.replace("127.0.0.1", "localhost")
    async with visiting(chromium, host, viewport={"width": 1280, "height": 800}) as visitor:
        guest = Guest(visitor, host)
        await guest.arrive()
        await guest.open()
        await guest.ask("口座情報は何に使われますか")
        await expect(guest.widget.locator(".quote")).to_be_visible()
        [cookie] = [cookie for cookie in await visitor.context.cookies() if cookie["name"] == "chat"]
        assert (cookie["sameSite"], cookie["secure"], cookie["httpOnly"]) == ("None", True, True)
        assert cookie["partitionKey"] == "http://localhost"
        await guest.file()
        await guest.open_request()
        await guest.fill_request()
        # There the cookie of a visit would be missing.
        await expect(guest.request.get_by_role("link", name="ご請求のページ")).to_have_attribute("target", "_blank")
        await guest.arrive()
        await guest.open()
        await expect(guest.widget.locator(".message--member").first).to_contain_text("口座情報")
