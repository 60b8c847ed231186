"""The gateway with LINE and Slack switched on, between fakes of both platforms."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import select

from bot.app import build_app
from bot.channels import limits
from bot.channels.gateway import Gateway
from bot.storage.engine import transaction
from bot.storage.models import Inbound, Outbound
from tests.support.channel_gateway import ScriptedRasa, channel_settings, scripted_gateway
from tests.support.fake_line import FakeLine
from tests.support.fake_slack import FakeSlack
from tests.support.waiting import until
from tests.support.web_member import Desk, running_desk


@dataclass
class Channels:
    """Everything a test of a channel looks at."""

    client: TestClient[web.Request, web.Application]
    gateway: Gateway
    rasa: ScriptedRasa
    line: FakeLine
    slack: FakeSlack

    def inbox(self) -> list[Inbound]:
        with transaction(self.gateway.engine) as session:
            return list(session.scalars(select(Inbound).order_by(Inbound.received_at)))

    def outbox(self) -> list[Outbound]:
        with transaction(self.gateway.engine) as session:
            return list(session.scalars(select(Outbound).order_by(Outbound.created_at)))

    async def settle(self) -> None:
        """Waits until every event is answered and every answer has left or failed for good."""
        await until(self._is_settled)

    def _is_settled(self) -> bool:
        states = [*(row.state for row in self.inbox()), *(row.state for row in self.outbox())]
        return "waiting" not in states


@pytest.fixture(autouse=True)
def _patient_platforms(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine may take longer to store an event than LINE and Slack wait; `test_in_time` has what they do."""
    for limit in ("LINE_ANSWER_SECONDS", "SLACK_ANSWER_SECONDS"):
        monkeypatch.setattr(limits, limit, 60.0)


@pytest.fixture
async def channels(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Channels]:
    database = tmp_path / "madoguchi.db"
    shutil.copy(sqlite_template, database)
    line, slack = FakeLine(), FakeSlack()
    async with TestServer(line.app()) as line_server, TestServer(slack.app()) as slack_server:
        settings = channel_settings(
            database,
            line_api_url=str(line_server.make_url("")).rstrip("/"),
            slack_api_url=str(slack_server.make_url("/api/")),
        )
        gateway, rasa = scripted_gateway(settings)
        async with TestClient(TestServer(build_app(gateway))) as client:
            yield Channels(client, gateway, rasa, line, slack)


@pytest.fixture
async def desk(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Desk]:
    """The website's side of a gateway, with the settings of an installation that says nothing about them."""
    shutil.copy(sqlite_template, tmp_path / "web.db")
    async with running_desk(tmp_path / "web.db") as running:
        yield running
