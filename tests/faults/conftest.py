"""A real `web` process between platforms and a Rasa that a test holds in its hands."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer
from sqlalchemy import Engine

from tests.support.fake_line import FakeLine
from tests.support.fake_rasa import FakeRasa
from tests.support.fake_slack import FakeSlack
from tests.support.product import _free_port
from tests.support.stand_ins import echoing
from tests.support.web_process import WebProcess, platform_urls


@dataclass
class Doors:
    """Everything around the process; Rasa can be stopped and started again at the same address."""

    web: WebProcess
    rasa: FakeRasa
    line: FakeLine
    slack: FakeSlack
    rasa_port: int
    rasa_server: TestServer

    async def stop_rasa(self) -> None:
        await self.rasa_server.close()

    async def start_rasa(self) -> None:
        self.rasa_server = TestServer(self.rasa.app(), port=self.rasa_port)
        await self.rasa_server.start_server()


@pytest.fixture
async def doors(engine: Engine, tmp_path: Path) -> AsyncIterator[Doors]:
    """A running `web` on a database of its own, with LINE and Slack on; nobody is limited."""
    rasa, line, slack, port = FakeRasa(otherwise=echoing), FakeLine(), FakeSlack(), _free_port()
    line_server, slack_server = TestServer(line.app()), TestServer(slack.app())
    for server in (rasa_server := TestServer(rasa.app(), port=port), line_server, slack_server):
        await server.start_server()
    web = WebProcess(
        tmp_path,
        database_url=engine.url.render_as_string(hide_password=False),
        rasa_url=f"http://127.0.0.1:{port}",
        RASA_TIMEOUT="5",
        RATE_MEMBER_MESSAGES="",
        **platform_urls(*(str(server.make_url("")).rstrip("/") for server in (line_server, slack_server))),
    )
    await web.start()
    opened = Doors(web, rasa, line, slack, port, rasa_server)
    yield opened
    await web.stop()
    for server in (opened.rasa_server, line_server, slack_server):
        await server.close()
