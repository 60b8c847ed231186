"""What waits while Rasa is away: one turn finds out for all, and who is to be told something is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer
from sqlalchemy import select

from bot.channels import dispatcher
from bot.storage.engine import transaction
from bot.storage.models import Inbound
from tests.support.web_member import Desk, WebMember, running_desk

MEMBERS = 5


@pytest.fixture
async def desk(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    # The process itself looks once at its start and then leaves the looking to the test.
    monkeypatch.setattr(dispatcher, "_RETRY_POLL_SECONDS", 3600.0)
    async with running_desk(tmp_path, url=database_url) as opened:
        yield opened


async def waiting(desk: Desk) -> list[WebMember]:
    """Members whose turns failed when Rasa went away."""
    members = [await desk.member() for _ in range(MEMBERS)]
    await desk.rasa_server.close()
    for member in members:
        [apology] = await member.send(text="手数料は")
        assert apology["kind"] == "error"
    desk.clock.pass_time(seconds=60)
    return members


def attempts(desk: Desk) -> list[int]:
    with transaction(desk.gateway.engine) as session:
        return sorted(session.scalars(select(Inbound.attempts)))


async def kinds(member: WebMember) -> list[str]:
    return [line["kind"] for line in await member.history()]


async def test_one_turn_finds_out_for_all_that_rasa_is_still_away(desk: Desk) -> None:
    await waiting(desk)
    assert await dispatcher.answer_overdue(desk.gateway) == MEMBERS
    assert attempts(desk) == [1] * (MEMBERS - 1) + [2]
    assert await dispatcher.answer_overdue(desk.gateway) == MEMBERS - 1
    assert attempts(desk) == [1] * (MEMBERS - 2) + [2] * 2


async def test_when_rasa_is_back_all_are_answered(desk: Desk) -> None:
    port = desk.rasa_server.port
    members = await waiting(desk)
    async with TestServer(desk.rasa.app(), port=port):
        assert await dispatcher.answer_overdue(desk.gateway) == MEMBERS
    for member in members:
        assert await kinds(member) == ["notice", "member", "error", "smalltalk"]


async def test_a_turn_that_nobody_tried_yet_is_apologised_for_while_rasa_is_away(desk: Desk) -> None:
    members = await waiting(desk)
    with transaction(desk.gateway.engine) as session:
        latest = session.scalars(select(Inbound).order_by(Inbound.received_at.desc())).first()
        assert latest is not None
        latest.attempts = 0
    await dispatcher.answer_overdue(desk.gateway)
    assert attempts(desk) == [1] * (MEMBERS - 1) + [2]
    assert await kinds(members[-1]) == ["notice", "member", "error", "error"]


async def test_what_has_waited_too_long_is_given_up_although_rasa_is_away(desk: Desk) -> None:
    members = await waiting(desk)
    desk.clock.pass_time(minutes=11)
    await dispatcher.answer_overdue(desk.gateway)
    for member in members:
        assert "時間内にお答えできませんでした" in (await member.history())[-1]["text"]
    assert await dispatcher.answer_overdue(desk.gateway) == 0


async def test_what_this_process_is_at_is_left_to_it(desk: Desk) -> None:
    members = await waiting(desk)
    async with desk.gateway.locks.of(members[0].conversation):
        assert await dispatcher.answer_overdue(desk.gateway) == MEMBERS - 1
