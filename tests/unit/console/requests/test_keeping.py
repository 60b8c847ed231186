"""Holding a request, letting it go, and the page of one whose content has gone."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from bot.register.forgetting import requests
from bot.register.forgetting.periods import periods_of
from bot.staff.roles import Role
from tests.support.console import Desk
from tests.support.request_screens import Screen, enter_request, request_of, trail_of

REASON = "訴訟の準備のため"


async def _screen(desk: Desk, id_: str, role: Role = Role.OFFICER, name: str = "aya") -> Screen:
    return Screen(await desk.signed_in(role, name), id_)


async def test_an_officer_holds_and_lifts_and_the_page_says_so(desk: Desk) -> None:
    screen = await _screen(desk, await enter_request(desk))
    await screen.do("hold", reason=REASON)

    page = await screen.look()
    assert "保全中" in page
    assert REASON in page
    row = await request_of(desk, screen.request_id)
    assert row.sealed_hold_reason is not None
    assert REASON.encode() not in row.sealed_hold_reason
    listed = await screen.staff.get("/requests?held=1")
    assert row.number in listed

    await screen.do("lift")
    assert "保全中" not in await screen.look()
    assert (await request_of(desk, screen.request_id)).sealed_hold_reason is None
    trail = await trail_of(desk, screen.request_id)
    assert [action for action in trail if action.startswith(("request:held", "hold:"))] == [
        "request:held",
        "hold:lifted",
    ]
    assert row.number not in await screen.staff.get("/requests?held=1")


async def test_a_hold_needs_a_reason_and_the_right(desk: Desk) -> None:
    id_ = await enter_request(desk)
    officer, counsellor = await _screen(desk, id_), await _screen(desk, id_, Role.COUNSELLOR, "ken")
    assert "保全する理由を入力してください。" in await officer.do("hold", status=422)
    assert "保全する（削除を止める）" not in await counsellor.look()
    await counsellor.do("hold", status=403, reason=REASON)
    assert (await request_of(desk, id_)).held_at is None


async def test_the_page_of_a_forgotten_request_says_so_and_offers_nothing(desk: Desk) -> None:
    screen = await _screen(desk, await enter_request(desk))
    await screen.do("withdraw", confirmed="yes")
    ends = desk.console.clock() + timedelta(days=400)

    def purge(session: Session) -> None:
        settings = desk.console.settings
        requests.purge(session, controller="eparkrelax", now=ends, periods=periods_of(settings))

    await desk.console.write(purge)
    page = await screen.look()
    assert "保存期間が過ぎたため、内容は削除しました。" in page
    assert "できる操作はありません。" in page
    assert "<textarea" not in page
    assert (await request_of(desk, screen.request_id)).purged_at == ends
