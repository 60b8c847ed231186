from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from bot.storage.deletion_list import DeletionList, Sort
from tests.support.web_member import Desk


async def test_deletion_takes_what_was_said_here_and_in_rasa(desk: Desk) -> None:
    member = await desk.member()
    key = str(uuid.uuid4())
    await member.send(key=key, text="秘密の質問")
    response = await member.delete()
    assert response.status == 200
    assert "削除されません" in (await response.json())["messages"][0]["text"]
    assert await member.history() == []
    assert desk.rasa.forgotten == [member.conversation]
    assert (await member.post(key=key, text="秘密の質問")).status == 410
    await member.send(text="もう一度")
    assert desk.rasa.heard[-1]["sender"] != member.conversation


async def test_rasa_hears_of_a_deletion_even_when_it_was_away(desk: Desk) -> None:
    member = await desk.member()
    port = desk.rasa_server.port
    await desk.rasa_server.close()
    assert (await member.delete()).status == 200
    revived = type(desk.rasa_server)(desk.rasa.app(), port=port)
    await revived.start_server()
    desk.clock.pass_time(minutes=1)
    other = await desk.member()
    assert (await other.delete()).status == 200
    await revived.close()
    assert set(desk.rasa.forgotten) == {member.conversation, other.conversation}


async def test_deletion_empties_the_browsers_cache_and_leaves_its_cookies(desk: Desk) -> None:
    member = await desk.member()
    response = await member.delete()
    assert response.headers["Clear-Site-Data"] == '"cache"'
    assert not response.cookies


async def test_a_deletion_is_listed_outside_the_database_for_a_backup_that_brings_it_back(desk: Desk) -> None:
    member, begun = await desk.member(), desk.clock.now
    await member.send(text="秘密の質問")
    await member.delete()

    listed = [one for one in desk.gateway.deletions.since(begun) if one.id == member.conversation]
    assert [one.sort for one in listed] == [Sort.CONVERSATION]
    assert begun <= listed[0].at <= desk.clock.now + timedelta(seconds=1)


async def test_a_list_that_cannot_be_written_keeps_nobody_from_deleting(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_given: object, **_more: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(DeletionList, "note", full)
    member = await desk.member()
    await member.send(text="秘密の質問")
    with capture_logs() as logs:
        assert (await member.delete()).status == 200

    assert await member.history() == []
    assert [line["event"] for line in logs if line["log_level"] == "error"] == ["deletion_not_listed"]
    assert desk.gateway.metrics.registry.get_sample_value("madoguchi_deletions_unlisted_total") == 1
