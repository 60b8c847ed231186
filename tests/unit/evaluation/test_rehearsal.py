from __future__ import annotations

import dataclasses
import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.channels import deletion
from bot.channels.gateway import Gateway
from bot.channels.rasa_client import RasaIsAwayError
from bot.errors import UnavailableError
from bot.evaluation.question_sets import Row
from bot.evaluation.rehearsal import RehearsalIsGoneError, Rehearsals
from bot.evaluation.talking import talk_through
from bot.message import Message
from bot.storage import conversations
from bot.storage.engine import transaction
from bot.storage.models import Conversation, Outbound
from tests.support.channel_gateway import ScriptedRasa, channel_settings, scripted_gateway


@pytest.fixture
def database(sqlite_template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(sqlite_template, tmp_path / "madoguchi.db"))


@pytest.fixture
async def made(database: Path) -> AsyncIterator[tuple[Gateway, ScriptedRasa]]:
    gateway, rasa = scripted_gateway(channel_settings(database))
    yield gateway, rasa
    await gateway.close()


@pytest.fixture
def gateway(made: tuple[Gateway, ScriptedRasa]) -> Gateway:
    return made[0]


def conversation(gateway: Gateway) -> Conversation:
    with transaction(gateway.engine) as session:
        return session.scalars(select(Conversation)).one()


async def test_a_test_goes_the_way_of_a_members_words_and_is_marked(made: tuple[Gateway, ScriptedRasa]) -> None:
    gateway, rasa = made
    talk = await Rehearsals(gateway).begin()
    said = await talk.say("/restart 090-1234-5678")
    assert rasa.heard[0][1].startswith("／restart")
    assert "1234" not in rasa.heard[0][1]
    assert said.messages[0]["kind"] == "clarify"
    await talk.press(said.messages[0]["choices"][0]["id"])
    assert rasa.heard[1][0] == "press"
    assert conversation(gateway).is_test
    with transaction(gateway.engine) as session:
        assert session.scalars(select(Outbound)).all() == []


async def test_its_lines_are_read_again_with_the_time_of_each_turn(gateway: Gateway) -> None:
    rehearsals = Rehearsals(gateway)
    talk = await rehearsals.begin()
    await talk.say("こんにちは")
    lines = await rehearsals.lines(talk.conversation_id)
    assert [line.role for line in lines] == ["notice", "member", "answer"]
    assert lines[2].trace["trace"]["rasa_ms"] >= 0
    assert lines[1].turn_id == lines[2].turn_id


async def test_a_members_conversation_is_nobodys_to_test_in(gateway: Gateway) -> None:
    sender = conversations.Sender(gateway.controller, "web", "token")
    with transaction(gateway.engine) as session:
        member = conversations.add_member(session, sender, vault=gateway.vault, now=gateway.clock())
        real = conversations.start(session, member, now=gateway.clock())
    rehearsals = Rehearsals(gateway)
    for name in (real.id, "nothing"):
        with pytest.raises(RehearsalIsGoneError):
            await rehearsals.lines(name)
        with pytest.raises(RehearsalIsGoneError):
            await rehearsals.resume(name).say("x")


async def test_rasa_that_is_away_is_told_at_once(made: tuple[Gateway, ScriptedRasa]) -> None:
    gateway, rasa = made

    def away(_message: str) -> list[Message]:
        raise RasaIsAwayError("away")

    rasa.script = away
    talk = await Rehearsals(gateway).begin()
    with pytest.raises(UnavailableError):
        await talk.say("こんにちは")


async def test_rows_become_conversations_with_presses(gateway: Gateway) -> None:
    rows = [
        Row(2, "甲", case="a"),
        Row(2, "", kind="followup", press="続け", case="a"),
        Row(2, "", kind="followup", press="ない", case="a"),
        Row(3, "乙", case="b"),
    ]
    outcomes = [outcome async for outcome in talk_through(Rehearsals(gateway), rows)]
    assert [outcome.message["kind"] for outcome in outcomes] == ["clarify", "clarify", "error", "clarify"]
    assert "ない" in outcomes[2].message["text"]
    with transaction(gateway.engine) as session:
        assert len(session.scalars(select(Conversation)).all()) == 2


async def test_after_a_day_a_test_is_gone_and_a_members_words_are_not(made: tuple[Gateway, ScriptedRasa]) -> None:
    gateway, rasa = made
    talk = await Rehearsals(gateway).begin()
    await talk.say("こんにちは")
    sender = conversations.Sender(gateway.controller, "web", "token")
    with transaction(gateway.engine) as session:
        member = conversations.add_member(session, sender, vault=gateway.vault, now=gateway.clock())
        real = conversations.start(session, member, now=gateway.clock())
    clock = gateway.clock
    later = dataclasses.replace(gateway, clock=lambda: clock() + timedelta(days=1, minutes=1))
    await deletion.delete_expired(later)
    with transaction(gateway.engine) as session:
        assert session.get_one(Conversation, talk.conversation_id).deleted_at is not None
        assert session.get_one(Conversation, real.id).deleted_at is None
    with pytest.raises(RehearsalIsGoneError):
        await Rehearsals(gateway).lines(talk.conversation_id)
    assert rasa.forgotten == []


async def test_a_test_that_has_grown_old_is_not_gone_on_with(gateway: Gateway) -> None:
    talk = await Rehearsals(gateway).begin()
    clock = gateway.clock
    later = dataclasses.replace(gateway, clock=lambda: clock() + timedelta(hours=2))
    with pytest.raises(RehearsalIsGoneError, match="終わりました"):
        await Rehearsals(later).resume(talk.conversation_id).say("x")
