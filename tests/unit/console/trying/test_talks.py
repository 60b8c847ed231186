from __future__ import annotations

import re

from sqlalchemy import select

from bot.channels.rasa_client import RasaIsAwayError
from bot.message import Message
from bot.staff.roles import Role
from bot.storage.models import Conversation
from tests.support.channel_gateway import ScriptedRasa
from tests.support.console import Desk, Staff
from tests.support.regression import StubSubjects
from tests.unit.console.trying.conftest import StubRasa

_CHOICE = re.compile(r'name="choice" value="([0-9a-f]{32})"')


async def begun(staff: Staff) -> str:
    to, _ = await staff.post("/try/talks", {"subject": "live"})
    return to


async def test_a_conversation_is_held_pressed_and_laid_open(desk: Desk, talking: ScriptedRasa) -> None:
    staff = await desk.signed_in(Role.VIEWER)
    path = await begun(staff)
    to, _ = await staff.post(f"{path}/say", {"text": "開示したい"})
    assert to == f"{path}#now"
    page = await staff.get(path)
    for told in ("開示したい", "受け取りました", "続ける", "トレース", "ブロック", "テスト", "方針から答える"):
        assert told in page
    found = _CHOICE.search(page)
    assert found
    await staff.post(f"{path}/press", {"choice": found[1]})
    assert [door for door, _ in talking.heard] == ["say", "press"]
    assert path in await staff.get("/try/talks")
    rows = await desk.console.read(lambda session: session.scalars(select(Conversation.is_test)).all())
    assert list(rows) == [True]


async def test_the_same_turns_run_again_on_both_side_by_side(
    desk: Desk, talking: ScriptedRasa, subjects: StubSubjects
) -> None:
    staff = await desk.signed_in(Role.COUNSELLOR)
    path = await begun(staff)
    await staff.post(f"{path}/say", {"text": "開示したい"})
    found = _CHOICE.search(await staff.get(path))
    assert found
    await staff.post(f"{path}/press", {"choice": found[1]})
    talking.heard.clear()
    to, _ = await staff.post(f"{path}/replay")
    assert [door for door, _ in talking.heard] == ["say", "press"]
    page = await staff.get(to)
    assert page.count("開示したい") >= 2
    assert path.rpartition("/")[2] in to
    del subjects


async def test_what_cannot_be_sent_is_told_and_kept(desk: Desk, talking: ScriptedRasa) -> None:
    staff = await desk.signed_in(Role.VIEWER)
    path = await begun(staff)
    _, page = await staff.post(f"{path}/say", {"text": ""}, status=400)
    assert "メッセージを入力" in page
    _, page = await staff.post(f"{path}/press", {"choice": "nothing"}, status=400)
    assert "この選択肢は" in page
    await staff.post(f"{path}/replay", status=400)

    def away(_message: str) -> list[Message]:
        raise RasaIsAwayError("away")

    talking.script = away
    _, page = await staff.post(f"{path}/say", {"text": "こんにちは"}, status=400)
    assert "Rasa から答えを得られませんでした" in page
    assert 'value="こんにちは"' in page


async def test_without_the_tracker_the_rest_is_shown(desk: Desk, talking: ScriptedRasa, rasa: StubRasa) -> None:
    del talking
    rasa.status = 500
    staff = await desk.signed_in(Role.VIEWER)
    assert "会話の状態を得られませんでした" in await staff.get(await begun(staff))


async def test_a_conversation_that_is_no_test_is_not_shown(desk: Desk, talking: ScriptedRasa) -> None:
    del talking
    staff = await desk.signed_in(Role.VIEWER)
    await staff.get(f"/try/talks/{'0' * 32}", status=400)
    await staff.post(f"/try/talks/{'0' * 32}/say", {"text": "x"}, status=400)
