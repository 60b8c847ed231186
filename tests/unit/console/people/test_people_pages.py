"""利用者, as an administrator sees and uses it."""

from __future__ import annotations

import re

from sqlalchemy import select

from bot.console.people.rights import RIGHT_TITLES, rights_table
from bot.staff.models import Account, StaffEvent, StaffSession
from bot.staff.roles import RIGHTS_OF, Right, Role
from bot.storage.engine import reading
from tests.support.console import Desk

ITO = {"id": "ito", "name": "伊藤", "email": "ito@example.jp", "role": "counsellor"}


def account(desk: Desk, account_id: str = "ito") -> Account:
    with reading(desk.console.engine) as session:
        return session.get_one(Account, (account_id, "eparkrelax"))


def actions(desk: Desk) -> list[str]:
    with reading(desk.console.engine) as session:
        return list(session.scalars(select(StaffEvent.action).order_by(StaffEvent.position)))


def test_the_table_of_rights_says_what_the_roles_have() -> None:
    assert set(RIGHT_TITLES) == set(Right)
    rows = {row.title: row.held for row in rights_table()}
    for right, title in RIGHT_TITLES.items():
        assert rows[title] == tuple(right in RIGHTS_OF[role] for role in Role)


async def test_an_invitation_shows_its_link_once_and_it_leads_to_the_set_up(desk: Desk) -> None:
    admin = await desk.signed_in(Role.ADMIN)
    _, text = await admin.post("/people", ITO | {"sees_sensitive": "on"}, status=200)
    link = re.search(r'value="http://127\.0\.0\.1:8081(/setup/[\w-]+)"', text)
    assert link
    assert (await (await desk.stranger()).get(link.group(1))).status == 200
    for page in ("/people", "/people/ito"):
        assert "招待中" in (shown := await admin.get(page))
        assert link.group(1) not in shown
    assert account(desk).sees_sensitive


async def test_what_was_typed_stays_when_it_cannot_be_taken(desk: Desk) -> None:
    admin = await desk.signed_in(Role.ADMIN)
    for wrong in ({"id": "伊藤"}, {"email": "x"}, {"name": ""}, {"role": "king"}, {"role": ""}):
        _, text = await admin.post("/people", ITO | wrong, status=400)
        assert 'role="alert"' in text
        assert "伊藤" in text or "ito@example.jp" in text
    assert "ito" not in await admin.get("/people")


async def test_a_change_ends_sessions_at_the_next_click_and_is_noted(desk: Desk) -> None:
    admin, sato = await desk.signed_in(Role.ADMIN), await desk.signed_in(Role.COUNSELLOR, "sato")
    await sato.get("/account")
    facts = {"name": "佐藤", "email": "sato@example.jp", "role": "officer", "deputy": "", "slack": ""}
    where, _ = await admin.post("/people/sato", facts)
    assert where == "/people/sato"
    await sato.get("/account", status=303)
    assert account(desk, "sato").role == "officer"
    _, text = await admin.post("/people/sato", facts | {"deputy": "sato"}, status=400)
    assert "ご本人を代理にすることはできません" in text


async def test_disabled_people_are_out_at_the_next_click_and_stay_in_the_list(desk: Desk) -> None:
    admin, sato = await desk.signed_in(Role.ADMIN), await desk.signed_in(Role.COUNSELLOR, "sato")
    await admin.post("/people/sato/disable")
    await sato.get("/account", status=303)
    assert "無効" in await admin.get("/people")
    assert "有効に戻す" in await admin.get("/people/sato")
    await admin.post("/people/sato/reset", status=400)
    await admin.post("/people/sato/enable")
    assert actions(desk) == ["account:disabled", "account:enabled"]


async def test_a_reset_shows_another_link(desk: Desk) -> None:
    admin, sato = await desk.signed_in(Role.ADMIN), await desk.signed_in(Role.COUNSELLOR, "sato")
    _, text = await admin.post("/people/sato/reset", status=200)
    assert "/setup/" in text
    await sato.get("/account", status=303)


async def test_the_own_role_is_not_offered_and_not_taken(desk: Desk) -> None:
    admin = await desk.signed_in(Role.ADMIN)
    text = await admin.get("/people/admin")
    assert '<select class="input" id="role"' not in text
    assert "/people/admin/disable" not in text
    facts = {"name": "管理", "email": "admin@example.jp", "role": "viewer", "deputy": "", "slack": ""}
    await admin.post("/people/admin", facts, status=400)
    for step in ("disable", "reset"):
        await admin.post(f"/people/admin/{step}", status=400)
    assert account(desk, "admin").role == "admin"


async def test_any_session_can_be_ended_and_is_out_at_the_next_click(desk: Desk) -> None:
    admin, sato = await desk.signed_in(Role.ADMIN), await desk.signed_in(Role.VIEWER, "sato")
    page = await admin.get("/sessions")
    assert page.count("終了する</button>") == 1
    with reading(desk.console.engine) as session:
        found = session.scalars(select(StaffSession.id).where(StaffSession.account_id == "sato")).one()
    await admin.post(f"/sessions/{found}/end")
    await admin.post(f"/sessions/{found}/end")
    await sato.get("/account", status=303)
    assert actions(desk) == ["session:revoked"]


async def test_a_desk_without_two_pairs_of_eyes_is_told_so(desk: Desk) -> None:
    admin = await desk.signed_in(Role.ADMIN)
    assert "担当者が登録されていません" in await admin.get("/people")
    await desk.signed_in(Role.OFFICER, "sato")
    assert "承認できる担当者が1名です" in await admin.get("/people")


async def test_nobody_of_an_unknown_id(desk: Desk) -> None:
    admin = await desk.signed_in(Role.ADMIN)
    await admin.get("/people/nobody", status=404)
    for step in ("", "/reset", "/disable", "/enable"):
        facts = {"name": "x", "email": "x@example.jp", "role": "viewer", "deputy": "", "slack": ""}
        await admin.post(f"/people/nobody{step}", facts, status=404)
