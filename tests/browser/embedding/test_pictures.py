"""The whole way at three widths, from the button to the request's page; on demand it takes the pictures of docs/.

`make pictures` sets MADOGUCHI_PICTURES to the folder that the pictures go to.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from tests.support.browsing import visiting
from tests.support.embedding import Guest

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PICTURES = os.environ.get("MADOGUCHI_PICTURES", "")
SIZES: dict[str, dict[str, Any]] = {
    "320": {"viewport": {"width": 320, "height": 640}, "has_touch": True},
    "390": {"viewport": {"width": 390, "height": 844}, "has_touch": True},
    "1280": {"viewport": {"width": 1280, "height": 800}},
}


@pytest.mark.parametrize("width", SIZES)
async def test_a_member_comes_by_the_button_asks_and_makes_a_request(chromium: Browser, host: str, width: str) -> None:
    async with visiting(chromium, host, **SIZES[width]) as visitor:
        guest = Guest(visitor, host)
        await guest.arrive()
        await _take(guest, f"widget-{width}-closed")
        await guest.open()
        await guest.ask("口座情報は何に使われますか")
        await expect(guest.widget.locator("blockquote").first).to_be_visible()
        await _take(guest, f"widget-{width}-answer")
        await guest.file()
        await _take(guest, f"widget-{width}-receipt")
        await guest.open_request()
        await expect(guest.request.get_by_role("button").first).to_be_visible()
        await _take(guest, f"widget-{width}-request")


async def _take(guest: Guest, name: str) -> None:
    if PICTURES:
        await guest.page.screenshot(path=Path(PICTURES) / f"{name}.png", animations="disabled")
