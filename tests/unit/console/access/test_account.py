"""One's own account: sessions one can end, and another password."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from bot.staff import passwords
from bot.staff.models import Account, StaffSession
from bot.staff.roles import Role
from bot.storage.engine import reading, transaction
from tests.support.console import Desk
from tests.support.staff_people import PASSWORD, app_code, ready_person

NEW = "aoi kyuukanchou ga 3 wa iru"


def sessions(desk: Desk, account_id: str) -> list[StaffSession]:
    with reading(desk.console.engine) as session:
        query = select(StaffSession).where(StaffSession.account_id == account_id)
        return list(session.scalars(query.order_by(StaffSession.opened_at)))


async def test_one_can_end_another_browser_of_ones_own_which_is_out_at_the_next_click(desk: Desk) -> None:
    one, two = await desk.signed_in(account_id="sato"), await desk.signed_in(account_id="sato")
    page = await one.get("/account")
    assert page.count("終了する") == 1
    other = sessions(desk, "sato")[1].id
    await one.post(f"/account/sessions/{other}/end")
    await two.get("/account", status=303)
    await one.get("/account")


async def test_but_nobody_elses(desk: Desk) -> None:
    one, two = await desk.signed_in(account_id="sato"), await desk.signed_in(Role.VIEWER, "suzuki")
    await one.post(f"/account/sessions/{sessions(desk, 'suzuki')[0].id}/end")
    await two.get("/account")


async def test_another_password_needs_the_present_one_and_a_code_and_ends_the_other_sessions(desk: Desk) -> None:
    with transaction(desk.console.engine) as session:
        ready_person(session, now=desk.clock() - timedelta(hours=1))
    one, two = await desk.signed_in(account_id="sato"), await desk.signed_in(account_id="sato")
    with reading(desk.console.engine) as session:
        code = app_code(session.get_one(Account, ("sato", "eparkrelax")), desk.clock())
    right = {"current": PASSWORD, "code": code, "password": NEW, "again": NEW}
    for wrong in ({"current": "x"}, {"code": "000000"}, {"again": "x"}, {"password": "short", "again": "short"}):
        await one.post("/account/password", right | wrong, status=400)
    await one.post("/account/password", right, status=200)
    await one.post("/account/password", right, status=400)
    await two.get("/account", status=303)
    await one.get("/account")
    with reading(desk.console.engine) as session:
        assert passwords.matches(NEW, session.get_one(Account, ("sato", "eparkrelax")).password_hash)


async def test_whoever_has_no_password_is_offered_no_other(desk: Desk) -> None:
    staff = await desk.signed_in(Role.VIEWER)
    assert "今のパスワード" not in await staff.get("/account")
