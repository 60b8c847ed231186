"""One person on LINE or Slack who sends more than may be."""

from __future__ import annotations

import asyncio
import dataclasses
import io
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from limits.aio.storage import MemoryStorage
from limits.errors import StorageError
from sqlalchemy import select

from bot.app import build_app
from bot.channels.asides import Aside
from bot.channels.gateway import Gateway
from bot.channels.rates.limit import Limit
from bot.channels.rates.limiter import Limiter
from bot.storage.engine import transaction
from bot.storage.models import Inbound, Outbound
from tests.support import fake_line, fake_slack
from tests.support.channel_gateway import ScriptedRasa, channel_settings, scripted_gateway
from tests.support.fake_line import FakeLine, text_event, webhook
from tests.support.fake_slack import direct_message, event_callback, mention
from tests.support.web_member import TickingClock


@dataclasses.dataclass
class Door:
    """LINE's and Slack's webhooks of a gateway that lets one person say two things a minute."""

    client: TestClient[web.Request, web.Application]
    gateway: Gateway
    rasa: ScriptedRasa
    clock: TickingClock

    async def line(self, event_id: str, text: str = "共同利用とは何ですか") -> int:
        body = webhook(text_event(text, event_id=event_id))
        return (await self.client.post("/line/webhook", data=io.BytesIO(body), headers=fake_line.signed(body))).status

    async def slack(self, event_id: str, user: str) -> int:
        # Slack knows a message by its moment.
        message = direct_message("共同利用とは何ですか", user=user, ts=f"1795426200.{event_id[1:]:0>6}")
        body = event_callback(message, event_id=event_id)
        return (await self.client.post("/slack/events", data=body, headers=fake_slack.signed(body))).status

    def turns(self) -> set[str]:
        """The events that became turns."""
        with transaction(self.gateway.engine) as session:
            return set(session.scalars(select(Inbound.event_id).where(Inbound.conversation_id.is_not(None))))

    def rows(self) -> int:
        """All events that are known."""
        with transaction(self.gateway.engine) as session:
            return len(session.scalars(select(Inbound.id)).all())

    def counted(self, name: str) -> float:
        registry = self.gateway.metrics.registry
        return registry.get_sample_value(f"madoguchi_{name}_total", {"limit": Limit.MEMBER_MESSAGES}) or 0.0

    def asides(self) -> list[str]:
        with transaction(self.gateway.engine) as session:
            return [row.body["aside"] for row in session.scalars(select(Outbound).where(Outbound.kind == "aside"))]


@pytest.fixture
async def door(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Door]:
    database = tmp_path / "madoguchi.db"
    shutil.copy(sqlite_template, database)
    async with TestServer(FakeLine().app()) as line, TestServer(fake_slack.FakeSlack().app()) as slack:
        gateway, rasa = scripted_gateway(
            channel_settings(
                database,
                line_api_url=str(line.make_url("")).rstrip("/"),
                slack_api_url=str(slack.make_url("/api/")),
                rate_member_messages="2/minute",
            )
        )
        clock = TickingClock()
        gateway = dataclasses.replace(gateway, clock=clock)
        async with TestClient(TestServer(build_app(gateway))) as client:
            yield Door(client, gateway, rasa, clock)


async def test_beyond_the_limit_it_is_acknowledged_and_told_once_a_minute(door: Door) -> None:
    assert [await door.line(f"E{place}") for place in range(6)] == [200] * 6
    assert door.turns() == {"E0", "E1"}
    assert door.asides() == [Aside.TOO_MANY]
    assert door.rows() == 6

    door.clock.pass_time(seconds=61)
    assert [await door.line(f"F{place}") for place in range(4)] == [200] * 4
    assert door.turns() == {"E0", "E1", "F0", "F1"}
    assert door.asides() == [Aside.TOO_MANY] * 2
    assert door.counted("rate_refused") == 6


async def test_what_is_delivered_again_is_not_counted_again(door: Door) -> None:
    assert [await door.line("E0") for _ in range(5)] == [200] * 5
    assert await door.line("E1") == 200
    assert door.turns() == {"E0", "E1"}
    assert door.asides() == []


async def test_everybody_has_their_own_measure(door: Door) -> None:
    for user in ("U1", "U2"):
        assert [await door.slack(f"{user}{place}", user) for place in range(3)] == [200] * 3
    assert await door.line("E0") == 200
    assert door.turns() == {"U10", "U11", "U20", "U21", "E0"}
    assert door.asides() == [Aside.TOO_MANY] * 2


async def test_new_threads_on_slack_make_nobody_another_person(door: Door) -> None:
    for place in range(4):
        body = event_callback(mention("共同利用とは何ですか", ts=f"1795426200.{place:06}"), event_id=f"M{place}")
        assert (await door.client.post("/slack/events", data=body, headers=fake_slack.signed(body))).status == 200
    assert door.turns() == {"M0", "M1"}


async def test_without_storage_everything_is_taken(door: Door) -> None:
    class Away(MemoryStorage):
        async def get_moving_window(self, *_key: Any) -> tuple[float, int]:  # noqa: ANN401 - whatever is asked
            raise StorageError(ConnectionError("away"))

    gateway = door.gateway
    gateway.__dict__["limiter"] = Limiter(gateway.settings, Away(), metrics=gateway.metrics, clock=gateway.clock)
    assert [await door.line(f"E{place}") for place in range(4)] == [200] * 4
    assert len(door.turns()) == 4
    assert door.asides() == []
    assert door.counted("rate_limit_errors") == 4


async def test_a_burst_at_once_lets_no_more_through(door: Door) -> None:
    await asyncio.gather(*(door.line(f"E{place}") for place in range(12)))
    assert len(door.turns()) == 2
    assert door.asides() == [Aside.TOO_MANY]
