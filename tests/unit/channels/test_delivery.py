"""How delivery begins to wait, how it ends, and who waits for whom."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.channels import delivery
from bot.channels.delivery import Notice, deliver, drain
from bot.channels.gateway import Gateway, Signal
from bot.storage import outbox
from bot.storage.engine import transaction
from bot.storage.models import Outbound
from tests.support.channel_gateway import channel_settings, scripted_gateway

NOW = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)


@pytest.fixture
async def gateway(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Gateway]:
    database = tmp_path / "madoguchi.db"
    shutil.copy(sqlite_template, database)
    opened, _ = scripted_gateway(channel_settings(database))
    yield opened
    await opened.close()


def enqueue(gateway: Gateway, *names: str, channel: str = "line") -> None:
    """Notices whose names begin with their recipient."""
    with transaction(gateway.engine) as session:
        for place, name in enumerate(names):
            outbox.enqueue(
                session,
                controller="eparkrelax",
                channel=channel,
                recipient=name[0],
                kind="answer",
                body={"name": name},
                dedupe_key=name,
                now=NOW + timedelta(seconds=place),
            )


def states(gateway: Gateway) -> dict[str, str]:
    with transaction(gateway.engine) as session:
        return {row.dedupe_key: row.state for row in session.query(Outbound)}


class Platform:
    """Takes notices; those of the recipient A only when `opens` is set."""

    def __init__(self) -> None:
        self.opens = asyncio.Event()
        self.took: list[str] = []
        self._taking = asyncio.Condition()

    async def send(self, notice: Notice) -> None:
        if notice.recipient == "A":
            await self.opens.wait()
        async with self._taking:
            self.took.append(notice.body["name"])
            self._taking.notify_all()

    async def has_taken(self, how_many: int) -> None:
        async with self._taking:
            await self._taking.wait_for(lambda: len(self.took) >= how_many)


@pytest.mark.parametrize("steps", range(5))
async def test_it_ends_when_a_row_comes_at_the_moment_of_the_end(gateway: Gateway, steps: int) -> None:
    delivering = asyncio.create_task(deliver(gateway, {"line": Platform().send}))
    await asyncio.sleep(0.01)
    gateway.outbox_filled.set()
    for _ in range(steps):  # the moment that matters lies some steps of the event loop after the row
        await asyncio.sleep(0)
    delivering.cancel()
    finished, _ = await asyncio.wait([delivering], timeout=30)
    assert finished


async def test_a_recipient_whose_message_takes_long_holds_up_nobody_else(gateway: Gateway) -> None:
    enqueue(gateway, "A1", "B1", "A2", "B2", "C1")
    platform = Platform()
    draining = asyncio.create_task(drain(gateway, "line", platform.send))
    async with asyncio.timeout(60):
        await platform.has_taken(3)
        platform.opens.set()
        await draining
    assert set(platform.took[:3]) == {"B1", "B2", "C1"}
    assert platform.took[3:] == ["A1", "A2"]
    assert platform.took.index("B1") < platform.took.index("B2")
    assert set(states(gateway).values()) == {"sent"}


async def test_a_channel_whose_platform_takes_long_holds_up_no_other(gateway: Gateway) -> None:
    enqueue(gateway, "A1")
    enqueue(gateway, "B1", channel="slack")
    line, slack = Platform(), Platform()
    delivering = asyncio.create_task(deliver(gateway, {"line": line.send, "slack": slack.send}))
    async with asyncio.timeout(60):
        await slack.has_taken(1)
        enqueue(gateway, "B2", channel="slack")
        gateway.outbox_filled.set()
        await slack.has_taken(2)
    assert slack.took == ["B1", "B2"]
    assert line.took == []
    delivering.cancel()
    await asyncio.wait([delivering])


async def test_it_says_whether_there_may_be_more(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "_MOST_AT_A_TIME", 2)
    enqueue(gateway, "B1", "C1", "D1")
    platform = Platform()
    assert await drain(gateway, "line", platform.send)
    assert not await drain(gateway, "line", platform.send)
    assert not await drain(gateway, "line", platform.send)
    assert sorted(platform.took) == ["B1", "C1", "D1"]


async def test_a_signal_is_heard_by_all_and_by_those_who_were_busy() -> None:
    signal = Signal()
    first, second = signal.heard(), signal.heard()
    signal.set()
    first.clear()
    assert second.is_set()
    signal.set()
    assert first.is_set()


async def test_when_the_other_side_is_away_few_notices_find_it_out_for_all(gateway: Gateway) -> None:
    tried: list[str] = []

    async def send(notice: Notice) -> None:
        tried.append(notice.body["name"])
        raise ConnectionRefusedError

    enqueue(gateway, *(f"{recipient}1" for recipient in "BCDEFGHIJK"))
    await drain(gateway, "line", send)
    assert 1 <= len(tried) <= delivery.AT_ONCE
    assert set(states(gateway).values()) == {"waiting"}
