from __future__ import annotations

import asyncio
import uuid
from pathlib import Path

from tests.support.fake_rasa import raw
from tests.support.web_member import running_desk


async def test_a_conversation_from_beginning_to_deletion(database_url: str, tmp_path: Path) -> None:
    async with running_desk(tmp_path, url=database_url) as desk:
        member = await desk.member()
        key = str(uuid.uuid4())
        answers = await asyncio.gather(*(member.send(key=key, text="こんにちは") for _ in range(4)))
        assert all(answer == answers[0] for answer in answers)
        await asyncio.gather(*(member.send(text=f"質問{number}") for number in range(4)))
        assert len(desk.rasa.heard) == 5
        assert desk.rasa.overlaps == 0
        desk.rasa.turns = [raw([])]
        assert (await member.send(text="もう一つ"))[0]["kind"] == "error"
        assert (await member.delete()).status == 200
        assert await member.history() == []
        assert desk.rasa.forgotten == [member.conversation]
