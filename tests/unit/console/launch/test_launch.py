"""準備状況 shows what the command shows, to those who look after it."""

from __future__ import annotations

import pytest

from bot.clearance.check import look
from bot.clearance.items import State
from bot.staff.roles import Role
from tests.support.console import Desk


@pytest.mark.parametrize("role", [Role.ADMIN, Role.OFFICER])
async def test_every_item_stands_there_with_its_place(desk: Desk, role: Role) -> None:
    staff = await desk.signed_in(role)
    text = await staff.get("/launch")
    items = look(desk.console.settings)
    for item in items:
        assert item.title in text
        assert (item.where in text) or item.state is State.GREEN
    left = sum(item.state is not State.GREEN for item in items)
    assert f"あと{left}件" in text
    assert text.count("badge--good") == len(items) - left


@pytest.mark.parametrize("role", [Role.VIEWER, Role.COUNSELLOR])
async def test_others_do_not_see_it(desk: Desk, role: Role) -> None:
    staff = await desk.signed_in(role)
    await staff.get("/launch", status=403)


async def test_the_console_says_that_it_is_a_trial(desk: Desk) -> None:
    assert "試用中：本物の請求は受け付けません" in await (await (await desk.stranger()).get("/login")).text()
