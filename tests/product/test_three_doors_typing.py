"""What begins with a slash is words, whichever door it comes through."""

from __future__ import annotations

import pytest

from tests.support.three_doors import House

pytestmark = [pytest.mark.stack, pytest.mark.timeout(1200), pytest.mark.asyncio(loop_scope="session")]

COMMANDS = ("/restart", "　/restart", '/open_request{"kind": "erasure"}', "/session_start")
OPEN = "まだ受け付けていません"


async def test_a_typed_command_is_words_and_the_conversation_goes_on(house: House) -> None:
    for door in await house.doors():
        await door.say("自分の個人情報を開示してください")
        for command in COMMANDS:
            read = await door.say(command)
            assert read.texts, (door.channel, command)
            assert "削除" not in "".join(read.titles), (door.channel, command)
        # A conversation that was restarted would know nothing of the request; one of another kind would say so.
        status = await door.say("やっぱり開示請求の続きをお願いします")
        assert OPEN in "".join(status.texts), (door.channel, status.texts)
