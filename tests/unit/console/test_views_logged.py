"""Every page and paper with what members said, or who they are, says in a trail that it was shown."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.register.audit import Action
from bot.register.kinds import Kind
from bot.register.models import Request
from bot.staff.roles import Role
from bot.staff.trail import StaffAction
from tests.support.console import Desk, Staff
from tests.support.request_screens import PDF, Screen, enter_request
from tests.support.talks import Told, store_talk
from tests.support.view_logged import assert_nothing_logged, assert_view_logged

SEALED = [Action.DETAILS_REVEALED, StaffAction.REQUEST_READ]


async def stored_talk(desk: Desk) -> str:
    """The id of a conversation."""
    console = desk.console
    now = console.clock() - timedelta(minutes=5)
    told = Told("料金は", "not_in_policy")
    return await console.write(lambda session: store_talk(session, told, vault=console.vault, now=now).id)


@pytest.mark.parametrize("action", SEALED)
async def test_the_page_of_a_request(desk: Desk, action: StaffAction | Action) -> None:
    id_ = await enter_request(desk)
    ken = Screen(await desk.signed_in(Role.COUNSELLOR, "ken"), id_)
    with assert_view_logged(desk.console.engine, action, about=id_, actor=ken.staff.actor):
        await ken.look()
    with assert_view_logged(desk.console.engine, StaffAction.REQUEST_READ, about=id_, actor=ken.staff.actor):
        await ken.staff.post(f"{ken.path}/contact", status=200)


async def test_a_viewer_is_shown_nothing_that_would_be_logged(desk: Desk) -> None:
    id_ = await enter_request(desk)
    viewer = Screen(await desk.signed_in(Role.VIEWER), id_)
    with assert_nothing_logged(desk.console.engine):
        await viewer.look()
        await viewer.staff.get("/requests")
        await viewer.staff.get("/talks")


@pytest.mark.parametrize("paper", ["print", "letter", "label"])
async def test_the_papers_of_a_request(desk: Desk, paper: str) -> None:
    id_ = await enter_request(desk, Kind.INQUIRY, scope=None)
    ken = Screen(await desk.signed_in(Role.COUNSELLOR, "ken"), id_)
    await ken.do("begin")
    await ken.do("propose", choice="answered:", explanation="お答えします。")
    with assert_view_logged(desk.console.engine, StaffAction.REQUEST_PRINTED, about=id_, actor=ken.staff.actor):
        await _pressed(ken.staff, f"{ken.path}/{paper}")


@pytest.mark.parametrize("action", [Action.FILE_READ, StaffAction.REQUEST_READ])
async def test_a_file_of_a_request(desk: Desk, action: StaffAction | Action) -> None:
    id_ = await enter_request(desk)
    ken = Screen(await desk.signed_in(Role.COUNSELLOR, "ken"), id_)
    await ken.do("attach", purpose="evidence", file=PDF)
    file_id = (await ken.look()).partition(f"{ken.path}/files/")[2][:32]
    with assert_view_logged(desk.console.engine, action, about=id_, actor=ken.staff.actor):
        await ken.download(file_id)


async def test_the_receipt_of_what_was_entered(desk: Desk) -> None:
    id_ = await enter_request(desk)
    draft_id = await desk.console.read(lambda session: session.get_one(Request, id_).draft_id)
    staff = await desk.signed_in(Role.COUNSELLOR)
    with assert_view_logged(desk.console.engine, StaffAction.REQUEST_PRINTED, about=id_, actor=staff.actor):
        await _pressed(staff, f"/entry/filed/{draft_id}/receipt")


async def test_the_queue_that_is_written_out(desk: Desk) -> None:
    await enter_request(desk)
    staff = await desk.signed_in(Role.OFFICER)
    with assert_view_logged(desk.console.engine, StaffAction.LIST_EXPORTED, actor=staff.actor):
        await staff.post("/export", {"format": "csv", "reason": "月次報告"}, status=200)


async def test_a_conversation_veiled_and_not(desk: Desk) -> None:
    talk_id = await stored_talk(desk)
    staff = await desk.signed_in(Role.OFFICER)
    with assert_view_logged(desk.console.engine, StaffAction.TALK_READ, about=talk_id, actor=staff.actor):
        await staff.get(f"/talks/{talk_id}")
    with assert_view_logged(desk.console.engine, StaffAction.TALK_REVEALED, about=talk_id, actor=staff.actor):
        await staff.post(f"/talks/{talk_id}/reveal", {"reason": "苦情の確認"}, status=200)


async def test_a_form_about_a_conversation_that_comes_back_shows_it_again(desk: Desk) -> None:
    talk_id = await stored_talk(desk)
    staff = await desk.signed_in(Role.OFFICER)
    for step in ("review", "reword", "reveal"):
        with assert_view_logged(desk.console.engine, StaffAction.TALK_READ, about=talk_id, actor=staff.actor):
            await staff.post(f"/talks/{talk_id}/{step}", {"review": "improve"}, status=422)


async def test_questions_that_nothing_answers(desk: Desk) -> None:
    staff = await desk.signed_in(Role.VIEWER)
    with assert_view_logged(desk.console.engine, StaffAction.TALK_READ, actor=staff.actor):
        await staff.get("/talks/questions")


async def _pressed(staff: Staff, path: str) -> None:
    response = await staff.client.post(path, data={"csrf": await staff.csrf()})
    assert response.status == 200
