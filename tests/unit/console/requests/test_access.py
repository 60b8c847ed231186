"""Who may look at a request and do something with it; every look at what is sealed is recorded."""

from __future__ import annotations

from functools import partial

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from bot.console.requests.routes import ROUTES
from bot.register.casework import assign
from bot.register.kinds import Kind
from bot.register.models import Request, State
from bot.register.numbers import new_number
from bot.staff.models import StaffEvent
from bot.staff.roles import Role
from bot.staff.trail import StaffAction
from bot.storage.engine import open_engine, transaction
from bot.storage.walls import EVERY
from tests.support.console import Desk, Staff
from tests.support.postgres import as_superuser
from tests.support.request_screens import WORDS, Screen, enter_request, trail_of

ONE = [route for route in ROUTES if "{id}" in route.path]


def _events(actor: str, action: str, session: Session) -> list[StaffEvent]:
    query = select(StaffEvent).where(StaffEvent.actor == actor, StaffEvent.action == action)
    return list(session.scalars(query.order_by(StaffEvent.position)))


async def events(desk: Desk, staff: Staff, action: StaffAction) -> list[StaffEvent]:
    return await desk.console.read(partial(_events, staff.actor, action))


async def test_a_viewer_sees_the_case_and_nothing_that_is_sealed(desk: Desk) -> None:
    id_ = await enter_request(desk)
    ken = Screen(await desk.signed_in(Role.COUNSELLOR, "ken"), id_)
    await ken.do("note", text="覚え書き")
    viewer = Screen(await desk.signed_in(Role.VIEWER), id_)
    before = await trail_of(desk, id_)

    page = await viewer.look()
    assert "本人確認待ち" in page
    for sealed in (WORDS, "覚え書き", "花子", "見本町"):
        assert sealed not in page
    assert "あなたの役割でできる操作はありません" in page
    assert "連絡先を表示" not in page
    assert await trail_of(desk, id_) == before


@pytest.mark.parametrize("role", [Role.VIEWER, Role.ADMIN])
async def test_roles_without_the_right_are_refused_everywhere(desk: Desk, role: Role) -> None:
    id_ = await enter_request(desk)
    staff = await desk.signed_in(role)
    before = await trail_of(desk, id_)
    for route in ONE:
        path = route.path.replace("{id}", id_).replace("{file}", "0" * 32)
        if route.method == "POST":
            await staff.post(path, {"seen": "1"}, status=403)
        else:
            await staff.get(path, status=403 if role is Role.ADMIN else 200)
    assert await trail_of(desk, id_) == before
    await staff.get("/requests", status=403 if role is Role.ADMIN else 200)
    await staff.post("/requests/assign", {"query": "", "to": "staff:viewer"}, status=403)


@pytest.mark.parametrize("scope", ["EPARK 会員の健康情報", "EPARK 会員の口座情報"])
async def test_what_is_about_health_or_bank_accounts_opens_for_few(desk: Desk, scope: str) -> None:
    id_ = await enter_request(desk, scope=scope)
    other = await enter_request(desk)
    without = await desk.signed_in(Role.OFFICER, "without")
    before = await trail_of(desk, id_)
    for route in ONE:
        path = route.path.replace("{id}", id_).replace("{file}", "0" * 32)
        if route.method == "POST":
            _, text = await without.post(path, {"seen": "99", "propose-choice": "granted:"}, status=403)
        else:
            text = await without.get(path, status=403)
        assert "許可された担当者だけ" in text
        assert WORDS not in text
    assert await trail_of(desk, id_) == before
    assert len(await events(desk, without, StaffAction.PAGE_REFUSED)) == len(ONE)

    page = await without.get("/requests")
    assert id_ not in page
    assert other in page
    await without.post("/requests/assign", {"to": without.actor, "request": f"{id_} "}, status=403)

    allowed = Screen(await desk.signed_in(Role.OFFICER, "with", sees_sensitive=True), id_)
    assert WORDS in await allowed.look()
    assert "要配慮" in await allowed.staff.get("/requests")
    # It is given to nobody who may not read it.
    assert "without" not in await allowed.look()
    assert "割り当てられません" in await allowed.do("assign", status=422, to=without.actor)
    await allowed.do("assign", to=allowed.staff.actor)


async def test_what_was_filed_together_is_as_sensitive_as_the_most_sensitive_of_it(desk: Desk) -> None:
    id_ = await enter_request(desk)
    staff = await desk.signed_in(Role.OFFICER, "ken")

    def file_beside(session: Session) -> None:
        row = session.get_one(Request, id_)
        beside = Request(
            id="b" * 32,
            controller=row.controller,
            number=new_number(row.received_at),
            draft_id=row.draft_id,
            kind=Kind.ERASURE,
            scope="EPARK 会員の健康情報",
            state=State.RECEIVED,
            channel=row.channel,
            received_at=row.received_at,
        )
        session.add(beside)

    await desk.console.write(file_beside)
    # The same words and the same original belong to both.
    await staff.get(f"/requests/{id_}", status=403)
    await staff.post("/requests/assign", {"to": staff.actor, "request": f"{id_} "}, status=403)


async def test_a_page_names_no_request_that_its_reader_may_not_know_of(desk: Desk) -> None:
    id_ = await enter_request(desk)
    hidden = await enter_request(desk, scope="健康情報")
    number = await desk.console.read(lambda session: session.get_one(Request, hidden).number)
    allowed = Screen(await desk.signed_in(Role.OFFICER, "aya", sees_sensitive=True), id_)
    await allowed.do("link", number=number, sort="follows")
    assert number in await allowed.look()
    assert number not in await Screen(await desk.signed_in(Role.OFFICER, "ken"), id_).look()


@pytest.mark.parametrize("sort", ["member_token", "mailbox_code", "nonsense", ""])
async def test_nobody_vouches_for_a_code_or_for_the_host_site(desk: Desk, sort: str) -> None:
    id_ = await enter_request(desk)
    ken = Screen(await desk.signed_in(Role.OFFICER, "ken"), id_)
    await ken.do("proof", status=422, sort=sort, agrees="yes")
    assert "結果を選んで" in await ken.do("proof", status=422, sort="document")
    assert "proof:tried" not in await trail_of(desk, id_)


async def test_a_link_does_not_tell_of_a_request_that_one_may_not_know_of(desk: Desk) -> None:
    id_ = await enter_request(desk)
    hidden = await enter_request(desk, scope="健康情報")
    ken = Screen(await desk.signed_in(Role.OFFICER, "ken"), id_)
    number = await desk.console.read(lambda session: session.get_one(Request, hidden).number)
    await ken.do("link", status=403, number=number, sort="follows")
    assert "この受付番号の請求はありません" in await ken.do("link", status=422, number="K1", sort="follows")


async def test_every_look_is_recorded_in_both_trails(desk: Desk) -> None:
    id_ = await enter_request(desk)
    ken = Screen(await desk.signed_in(Role.COUNSELLOR, "ken"), id_)
    await ken.look()
    assert (await trail_of(desk, id_))[-1] == "details:revealed"
    await ken.staff.post(f"{ken.path}/contact", status=200)
    first, second = await events(desk, ken.staff, StaffAction.REQUEST_READ)
    assert (first.object_id, first.fields) == (id_, ["words", "messages"])
    assert second.fields == ["words", "messages", "contact"]
    await ken.staff.post(f"{ken.path}/print", status=200)
    (printed,) = await events(desk, ken.staff, StaffAction.REQUEST_PRINTED)
    assert printed.fields == ["file"]


async def test_an_id_that_stands_for_nothing_is_not_found(desk: Desk) -> None:
    staff = await desk.signed_in(Role.OFFICER)
    for path in ("/requests/" + "0" * 32, "/requests/nonsense"):
        await staff.get(path, status=404)
        for end in ("begin", "contact", "print", "letter", "label", "preview", "rewrite", "files/x"):
            await staff.post(f"{path}/{end}", {"seen": "1", "propose-choice": "granted:"}, status=404)


def give_away(engine: Engine, request_id: str) -> None:
    """Makes it another company's, past every wall."""
    url = engine.url.render_as_string(hide_password=False)
    free = open_engine(as_superuser(url) if url.startswith("postgresql") else url, controller=EVERY)
    with transaction(free) as session:
        session.get_one(Request, request_id).controller = "another"
    free.dispose()


async def test_another_companys_request_is_not_found(desk: Desk) -> None:
    id_ = await enter_request(desk)
    staff = await desk.signed_in(Role.OFFICER)

    give_away(desk.console.engine, id_)
    await staff.get(f"/requests/{id_}", status=404)
    await staff.post("/requests/assign", {"to": staff.actor, "request": f"{id_} "}, status=400)


async def test_a_form_without_what_was_seen_is_refused(desk: Desk) -> None:
    id_ = await enter_request(desk)
    staff = await desk.signed_in(Role.OFFICER)
    for seen in ("", "x", "-1", "9" * 20):
        await staff.post(f"/requests/{id_}/begin", {"seen": seen}, status=400)


async def test_who_has_left_is_named_and_given_nothing(desk: Desk) -> None:
    id_ = await enter_request(desk)
    ken = Screen(await desk.signed_in(Role.OFFICER, "ken"), id_)
    await desk.console.write(lambda session: assign(session, id_, "staff:gone", actor="staff:ken", now=desk.clock()))
    assert "gone" in await ken.look()
    assert "割り当てられません" in await ken.do("assign", status=422, to="staff:gone")
    assert 'value="staff:gone"' in await ken.staff.get("/requests")
