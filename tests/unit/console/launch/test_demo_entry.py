"""A demo is entered by a link, once and within the hour; an installation that is none has no such page."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from bot.launch.demo.moving_clock import MovingClock
from bot.launch.demo.people import ADMIN, OFFICER, add_people, issue_links
from bot.staff.models import StaffEvent
from tests.support.console import Client, Desk, console_settings, running_console

_TOKEN = re.compile(r'name="csrf" value="([0-9a-f]{64})"')


@pytest.fixture
async def demo(database_url: str) -> AsyncIterator[Desk]:
    clock = MovingClock(datetime.now(UTC))
    async with running_console(console_settings(database_url, demo=True), clock) as running:
        await running.console.write(lambda session: add_people(session, running.console.controller, now=clock()))
        yield running


async def links(desk: Desk) -> dict[str, str]:
    issued = await desk.console.write(
        lambda session: issue_links(session, desk.console.controller, now=desk.console.clock())
    )
    return {account.id: path for account, path in issued}


async def enter(browser: Client, path: str) -> int:
    page = await browser.get(path)
    found = _TOKEN.search(await page.text())
    if found is None:
        return page.status
    response = await browser.post(
        path, data={"csrf": found.group(1)}, headers={"Sec-Fetch-Site": "same-origin"}, allow_redirects=False
    )
    return response.status


async def test_a_link_lets_in_once_as_its_person(demo: Desk) -> None:
    path = (await links(demo))[OFFICER]
    browser = await demo.stranger()
    assert await enter(browser, path) == 303
    text = await (await browser.get("/launch")).text()
    assert "見本 花子" in text
    assert "個人情報担当" in text
    assert "デモ：架空のデータです。試用中：本物の請求は受け付けません" in text
    assert await enter(await demo.stranger(), path) == 400
    noted = await demo.console.read(lambda session: list(session.scalars(select(StaffEvent.action))))
    assert noted == ["session:opened"]


async def test_looking_at_a_link_does_not_use_it_up(demo: Desk) -> None:
    path = (await links(demo))[ADMIN]
    for _ in range(2):
        assert (await (await demo.stranger()).get(path)).status == 200
    assert await enter(await demo.stranger(), path) == 303


async def test_a_link_is_over_after_an_hour_and_when_a_new_one_was_made(demo: Desk) -> None:
    first = (await links(demo))[OFFICER]
    second = (await links(demo))[OFFICER]
    assert await enter(await demo.stranger(), first) == 400
    clock = demo.console.clock
    assert isinstance(clock, MovingClock)
    clock.now += timedelta(hours=1, seconds=1)
    assert await enter(await demo.stranger(), second) == 400


async def test_another_site_s_page_cannot_press_the_button(demo: Desk) -> None:
    path = (await links(demo))[OFFICER]
    browser = await demo.stranger()
    await browser.get(path)
    response = await browser.post(path, data={"csrf": "0" * 64}, headers={"Sec-Fetch-Site": "same-origin"})
    assert response.status == 400
    assert await enter(browser, path) == 303


async def test_what_is_no_demo_has_no_such_page(desk: Desk) -> None:
    await desk.console.write(lambda session: add_people(session, desk.console.controller, now=desk.console.clock()))
    for path in (await links(desk)).values():
        browser = await desk.stranger()
        assert (await browser.get(path)).status == 404
        response = await browser.post(path, data={}, headers={"Sec-Fetch-Site": "same-origin"})
        assert response.status == 404
