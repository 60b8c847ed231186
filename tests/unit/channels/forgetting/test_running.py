"""The jobs' run over every room: what is over goes, on the moment, from the tables and from the files."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, text, update

from bot import jobs
from bot.channels import deletion
from bot.channels.forgetting import running
from bot.channels.forgetting.journal import Journal
from bot.channels.forgetting.rooms import Room
from bot.channels.forgetting.running import Forgetting
from bot.register.forgetting import hold
from bot.register.models import Request
from bot.staff.models import StaffEvent
from bot.storage import talk_days
from bot.storage.engine import empty_journal, open_engine, transaction
from bot.storage.models import Conversation, Inbound, Member, Outbound
from tests.support.kept_requests import Case, counts, sealed_values
from tests.support.web_member import Desk, running_desk

CANARY = "K7QX-CANARY-9Z"
_REQUESTS = int(os.environ.get("MADOGUCHI_PROOF_REQUESTS", "1"))


@pytest.fixture
async def desk(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Desk]:
    shutil.copy(sqlite_template, tmp_path / "web.db")
    async with running_desk(tmp_path / "web.db") as opened:
        yield opened


@pytest.fixture(autouse=True)
def one_round_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "_SECONDS_A_ROUND", 60.0)


def files(desk: Desk) -> bytes:
    """Everything that stands in the database's files, free pages too."""
    return b"".join(path.read_bytes() for path in sorted(desk.database.parent.glob(f"{desk.database.name}*")))


def sealed(desk: Desk) -> set[bytes]:
    with transaction(desk.gateway.engine) as session:
        return {value for _, value in sealed_values(session)}


def whole_request(desk: Desk, conversation_id: str | None = None) -> str:
    gateway = desk.gateway
    with transaction(gateway.engine) as session:
        return Case(session, gateway.vault, gateway.clock(), CANARY).whole(conversation_id)


async def count_days(desk: Desk) -> None:
    with transaction(desk.gateway.engine) as session:
        talk_days.count_days(session, desk.gateway.controller)


async def test_after_a_run_nothing_is_left_in_the_files(desk: Desk) -> None:
    member = await desk.member()
    await member.send(text=f"質問 {CANARY}")
    for _ in range(_REQUESTS):
        whole_request(desk, member.conversation)
    before = sealed(desk)
    assert all(value in files(desk) for value in before)
    desk.clock.pass_time(days=1096)
    await deletion.delete_expired(desk.gateway)
    await count_days(desk)
    with transaction(desk.gateway.engine) as session:
        # What still waits to be sent would be given up by its sender.
        session.execute(update(Outbound).values(state="skipped"))
    forgetting, journal = jobs.open_forgetting(desk.gateway, pauses=0), Journal(desk.gateway)

    await forgetting.sweep()
    desk.clock.pass_time(days=31)
    await forgetting.sweep()
    await journal.sweep()

    assert sealed(desk) == set()
    left = files(desk)
    assert not [value for value in before if value in left or value[12:28] in left]
    assert CANARY.encode() not in left
    assert CANARY.lower().encode() not in left
    with transaction(desk.gateway.engine) as session:
        found = counts(session)
        noted = session.scalars(select(StaffEvent.fields).where(StaffEvent.action == "data:purged")).all()
    stays = {"request", "draft", "decision", "audit", "audit_head", "staff_event", "staff_trail_head", "talk_day"}
    stays |= {"alembic_version", "beat", "retired_key"}
    assert {name for name, count in found.items() if count} <= stays
    assert {"member:1", "conversation:1"} <= {one for fields in noted for one in fields}


async def test_a_reader_keeps_the_journal_and_it_is_tried_again(desk: Desk) -> None:
    journal = Journal(desk.gateway)
    member = await desk.member()
    await member.send(text=CANARY)
    before = sealed(desk)
    with closing(sqlite3.connect(desk.database)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT COUNT(*) FROM inbox").fetchone()
        await member.delete()
        await journal.sweep()
        assert any(value in files(desk) for value in before)
    await journal.sweep()
    left = files(desk)
    kept = sealed(desk)
    assert not [value for value in before - kept if value in left]


async def test_the_journal_is_left_alone_while_nothing_was_deleted(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[bool] = []

    def counted(engine: Engine) -> bool:
        tried.append(True)
        return empty_journal(engine)

    monkeypatch.setattr("bot.channels.forgetting.journal.empty_journal", counted)
    journal = Journal(desk.gateway)
    member = await desk.member()
    await journal.sweep()
    desk.clock.pass_time(seconds=2)
    await journal.sweep()
    assert len(tried) == 1
    await member.delete()
    await journal.sweep()
    assert len(tried) == 2
    desk.clock.pass_time(minutes=10)
    await journal.sweep()
    assert len(tried) == 3


async def test_a_held_conversation_is_hidden_from_its_member_and_goes_when_the_hold_ends(desk: Desk) -> None:
    member, gateway = await desk.member(), desk.gateway
    await member.send(text=CANARY)
    request_id = whole_request(desk, member.conversation)
    with transaction(gateway.engine) as session:
        hold.hold(session, request_id, "訴訟", actor="staff:aya", now=gateway.clock(), vault=gateway.vault)

    response = await member.delete()

    assert "保全が終わり次第" in await response.text()
    assert await member.history() == []
    desk.clock.pass_time(days=2000)
    await deletion.delete_expired(gateway)
    await jobs.open_forgetting(gateway, pauses=0).sweep()
    with transaction(gateway.engine) as session:
        kept = session.get_one(Conversation, member.conversation)
        assert kept.deleted_at is None
        assert session.scalar(select(Inbound.sealed_event).where(Inbound.conversation_id == kept.id))
        assert session.get_one(Request, request_id).purged_at is None
        hold.lift(session, request_id, actor="staff:aya", now=gateway.clock())
    await deletion.delete_expired(gateway)
    await jobs.open_forgetting(gateway, pauses=0).sweep()
    with transaction(gateway.engine) as session:
        assert session.get_one(Conversation, member.conversation).deleted_at is not None
        assert session.get_one(Request, request_id).purged_at is not None


async def test_rows_without_words_go_when_their_time_is_over_and_not_before(desk: Desk) -> None:
    member = await desk.member()
    await member.send(text="質問")
    await member.delete()
    await count_days(desk)
    forgetting = jobs.open_forgetting(desk.gateway, pauses=0)

    def left() -> tuple[bool, ...]:
        with transaction(desk.gateway.engine) as session:
            return tuple(
                bool(session.scalar(select(one).limit(1)))
                for one in (Inbound.id, Outbound.id, Conversation.id, Member.id)
            )

    # The clock of the desk ticks, so that a minute is what a second is elsewhere.
    desk.clock.pass_time(days=30, minutes=-1)
    await forgetting.sweep()
    assert left() == (True, True, True, True)
    desk.clock.pass_time(minutes=11)
    await forgetting.sweep()
    assert left() == (False, False, False, False)


async def test_a_long_run_goes_on_in_the_next_round(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "_SECONDS_A_ROUND", 0.0)
    left = [3, 2, 1, 0]
    room = Room("tried", lambda _session, _now, _most: {"tried": left.pop(0)}, is_noted=False)
    forgetting = Forgetting(desk.gateway, (room,), pauses=0)
    monkeypatch.setattr(running, "monotonic", iter(range(1000)).__next__)
    monkeypatch.setattr(running, "_SECONDS_A_ROUND", 2.5)
    rounds = 0
    while left:
        await forgetting.sweep()
        rounds += 1
    assert rounds > 1
    assert left == []


def test_every_connection_overwrites_what_it_deletes(sqlite_template: Path) -> None:
    engine = open_engine(f"sqlite:///{sqlite_template}")
    with transaction(engine) as session:
        assert session.scalar(text("PRAGMA secure_delete")) == 1
    engine.dispose()
