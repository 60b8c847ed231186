"""A database whose lock somebody else holds: every page says so honestly, and the same press works afterwards."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import Engine, event
from structlog.testing import capture_logs

from bot.app import build_app
from bot.channels.gateway import Gateway, open_gateway
from bot.register.kinds import Kind
from bot.register.pages import issue_page
from bot.storage.engine import DatabaseIsBusyError, transaction
from tests.support.channel_gateway import channel_settings
from tests.support.timeline_cases import Desk

BROWSER = {"Accept": "text/html,application/xhtml+xml;q=0.9"}
Client = TestClient[web.Request, web.Application]


@pytest.fixture
def database(sqlite_template: Path, tmp_path: Path) -> Path:
    path = tmp_path / "madoguchi.db"
    shutil.copy(sqlite_template, path)
    return path


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """What runs beside the requests meets the lock, too, and would render long tracebacks within the event loop."""
    with capture_logs():
        yield


@pytest.fixture
def gateway(database: Path) -> Gateway:
    opened = open_gateway(channel_settings(Path("unused"), database_url=f"sqlite:///{database}"))
    hurry(opened.engine)
    return opened


@pytest.fixture
async def client(gateway: Gateway) -> AsyncIterator[Client]:
    async with TestClient(TestServer(build_app(gateway))) as opened:
        yield opened


def hurry(engine: Engine) -> None:
    """Waits for a lock a moment only, instead of seconds."""
    engine.dispose()
    event.listen(engine, "connect", lambda connection, _record: connection.execute("PRAGMA busy_timeout=50"))


@contextmanager
def locked(database: Path) -> Iterator[None]:
    """Another connection writes, and does not come to an end."""
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


async def expect_busy(response: ClientResponse) -> None:
    text = await response.text()
    assert (response.status, response.content_type) == (503, "text/html"), text
    assert int(response.headers["Retry-After"]) > 0
    assert "<h1>ただいま混み合っています</h1>" in text
    assert "もう一度お試しください" in text


async def test_the_door_and_the_requests_behind_it(client: Client, gateway: Gateway, database: Path) -> None:
    (receipt,) = Desk(gateway).filed_with_details()
    form = {"step": "send", "number": receipt.number}
    visit = BROWSER | {"Cookie": "request=of-a-visit"}

    with locked(database):
        await expect_busy(await client.post("/request", data=form, headers=BROWSER))
        assert (await client.get("/request/case", headers=visit)).status == 403  # looking waits for nobody
        await expect_busy(await client.post("/request/case", data={"step": "write"}, headers=visit))

    assert (await client.post("/request", data=form, headers=BROWSER)).status == 200


async def test_the_page_that_a_token_opens(client: Client, gateway: Gateway, database: Path) -> None:
    (receipt,) = Desk(gateway).file(Kind.DISCLOSURE)
    with transaction(gateway.engine) as session:
        draft_id = session.connection().exec_driver_sql("SELECT draft_id FROM request").scalar_one()
        token = issue_page(session, draft_id, now=gateway.clock())

    with locked(database):
        opened = await client.post(f"/request/{token}", data={}, headers=BROWSER)
        assert opened.status == 200  # looking waits for nobody
        await expect_busy(await client.post(f"/request/{token}", data={"step": "send"}, headers=BROWSER))

    assert receipt.number in await opened.text()
    assert (await client.post(f"/request/{token}", data={"step": "send"}, headers=BROWSER)).status == 200


async def test_a_program_gets_a_problem_to_try_again(client: Client, database: Path) -> None:
    with locked(database):
        response = await client.post("/request", data={"step": "send", "number": "x"})

    assert (response.status, response.content_type) == (503, "application/problem+json")
    assert int(response.headers["Retry-After"]) > 0


def test_a_transaction_that_waited_in_vain_says_so(gateway: Gateway, database: Path) -> None:
    with locked(database), pytest.raises(DatabaseIsBusyError), transaction(gateway.engine) as session:
        session.connection()
