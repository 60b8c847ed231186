"""A process ends while turns are on their way: they stay where they are, and nothing is opened any more."""

from __future__ import annotations

import asyncio
import shutil
import uuid
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.channels import dispatcher
from bot.channels.intake import InboundEvent, receive
from bot.channels.rasa_client import RasaClient, RasaWasNotReachedError
from bot.message import Message
from bot.storage.engine import open_engine, reading
from bot.storage.models import Inbound
from tests.support.channel_gateway import channel_settings, echo, scripted_gateway


async def test_a_turn_that_is_on_its_way_is_left_to_the_next_process(
    sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(sqlite_template, tmp_path / "web.db")
    settings = channel_settings(tmp_path / "web.db")
    gateway, rasa = scripted_gateway(settings)
    is_asked, may_answer = asyncio.Event(), asyncio.Event()

    async def say(_conversation: str, text: str, **_: object) -> list[Message]:
        is_asked.set()
        await may_answer.wait()
        return echo(text)

    monkeypatch.setattr(rasa, "say", say)
    event = InboundEvent(
        channel="slack", event_id=uuid.uuid4().hex, user_key="T1:U1", text="開示", reply={"channel": "D1"}
    )
    turn = await receive(gateway, event)
    answering = asyncio.create_task(dispatcher.answer(gateway, turn.turn_id, turn.conversation_id))
    await is_asked.wait()

    await gateway.close()
    may_answer.set()
    await answering

    engine = open_engine(settings.database_url, controller=gateway.controller)
    with reading(engine) as session:
        assert session.scalars(select(Inbound.state)).all() == ["waiting"]
    engine.dispose()


async def test_rasa_is_asked_nothing_more(tmp_path: Path) -> None:
    client = RasaClient(channel_settings(tmp_path / "web.db"))
    await client.close()
    with pytest.raises(RasaWasNotReachedError):
        await client.say("c1", "開示", channel="web")
