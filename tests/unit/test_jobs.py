from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from bot import jobs
from bot.channels import deletion
from bot.channels.delivery import Notice, Sender
from bot.channels.mail import mailing, staff_mail
from bot.errors import BadInputError
from bot.storage import leases, outbox
from bot.storage.engine import transaction
from bot.storage.models import Lease, Outbound
from tests.support.fake_rasa import raw
from tests.support.web_member import Desk, running_desk, web_settings

_NOTICE = Notice(
    id="0" * 32,
    kind="request:filed",
    recipient="staff",
    body={"request_id": "1" * 32, "number": "K261124-7F3K-9QXMC", "kind": "disclosure"},
    attempts=0,
    created_at=datetime(2026, 11, 24, 3, 0, tzinfo=UTC),
)


@pytest.fixture
async def desk(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Desk]:
    shutil.copy(sqlite_template, tmp_path / "web.db")
    async with running_desk(tmp_path / "web.db") as running:
        yield running


@pytest.fixture(autouse=True)
def short_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "_ROUND_SECONDS", 0.02)


@asynccontextmanager
async def working(desk: Desk, senders: dict[str, Sender]) -> AsyncIterator[None]:
    work = asyncio.create_task(jobs.run(desk.gateway, senders))
    try:
        yield
    finally:
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work


async def until_sent(desk: Desk, row_id: str) -> None:
    async with asyncio.timeout(10):
        while _state(desk, row_id) != "sent":  # noqa: ASYNC110 - the database is what is waited for
            await asyncio.sleep(0.01)


def _state(desk: Desk, row_id: str) -> str:
    with transaction(desk.gateway.engine) as session:
        return session.get_one(Outbound, row_id).state


def enqueue(desk: Desk) -> str:
    with transaction(desk.gateway.engine) as session:
        return outbox.enqueue(
            session,
            controller="eparkrelax",
            channel="mail",
            recipient="staff",
            kind="request:filed",
            body={"number": "K261124-7F3K-9QXMC", "kind": "disclosure"},
            dedupe_key="a",
            now=desk.clock(),
        )


async def test_what_waits_is_sent_and_the_lease_given_back(desk: Desk) -> None:
    sent: list[Notice] = []

    async def send(notice: Notice) -> None:
        sent.append(notice)

    row_id = enqueue(desk)
    async with working(desk, {"mail": send}):
        await until_sent(desk, row_id)
    assert [notice.id for notice in sent] == [row_id]
    with transaction(desk.gateway.engine) as session:
        assert session.scalars(select(Lease).where(Lease.name == "jobs")).all() == []


async def test_only_one_process_works(desk: Desk) -> None:
    with transaction(desk.gateway.engine) as session:
        leases.acquire(session, "jobs", controller="eparkrelax", holder="other", now=desk.clock(), seconds=60)
    sent: list[Notice] = []

    async def send(notice: Notice) -> None:
        sent.append(notice)

    enqueue(desk)
    async with working(desk, {"mail": send}):
        await asyncio.sleep(0.2)
    assert sent == []


async def test_a_sender_that_fails_is_asked_again(desk: Desk) -> None:
    attempts: list[str] = []

    async def send(notice: Notice) -> None:
        attempts.append(notice.id)
        if len(attempts) == 1:
            raise OSError("the mail server is away")

    row_id = enqueue(desk)
    async with working(desk, {"mail": send}), asyncio.timeout(10):
        while _state(desk, row_id) != "sent":
            desk.clock.pass_time(seconds=1)
            await asyncio.sleep(0.01)
    assert attempts == [row_id, row_id]


async def test_conversations_go_after_their_time(desk: Desk) -> None:
    old = await desk.member()
    await old.send(text="古い質問")
    desk.clock.pass_time(days=30, seconds=1)
    new = await desk.member()
    await deletion.delete_expired(desk.gateway)
    assert await old.history() == []
    assert await new.history() == [new.notice]


async def test_a_turn_left_behind_is_answered(desk: Desk) -> None:
    member = await desk.member()
    desk.rasa.turns = [raw([])]
    await member.send(text="質問")
    desk.clock.pass_time(minutes=1)
    async with working(desk, {}), asyncio.timeout(10):
        while len(await member.history()) < 4:  # noqa: ASYNC110 - the database is what is waited for
            await asyncio.sleep(0.01)
    assert (await member.history())[-1]["kind"] == "smalltalk"


def test_without_a_mail_server_notices_wait() -> None:
    assert mailing(web_settings("sqlite:///x.db")) == {}


@pytest.mark.parametrize(
    "changes",
    [
        {"smtp_url": SecretStr("http://mail.example.jp")},
        {"smtp_url": SecretStr("smtp://")},
        {"smtp_url": SecretStr("smtp://mail.example.jp")},
    ],
)
def test_half_a_mail_configuration_is_refused(changes: dict[str, SecretStr]) -> None:
    with pytest.raises(BadInputError, match="MADOGUCHI_"):
        mailing(web_settings("sqlite:///x.db", **changes))


def test_a_mail_to_staff_names_the_number_only() -> None:
    settings = web_settings("sqlite:///x.db", mail_from="bot@example.jp", staff_mail="staff@example.jp")
    mail = staff_mail(_NOTICE, settings)
    assert mail["To"] == "staff@example.jp"
    assert "K261124-7F3K-9QXMC" in mail["Subject"]
    assert "K261124-7F3K-9QXMC" in mail.get_content()


async def test_mail_goes_out_by_smtp() -> None:
    received: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 ready\r\n")
        while line := await reader.readline():
            received.append(line)
            if line.startswith(b"DATA"):
                writer.write(b"354 go on\r\n")
                received.append(await reader.readuntil(b"\r\n.\r\n"))
            writer.write(
                b"221 bye\r\n"
                if line.startswith(b"QUIT")
                else b"250 ok\r\n"
                if line[:4] != b"DATA"
                else b"250 taken\r\n"
            )
            await writer.drain()
            if line.startswith(b"QUIT"):
                break
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    settings = web_settings(
        "sqlite:///x.db",
        smtp_url=SecretStr(f"smtp://127.0.0.1:{port}"),
        mail_from="bot@example.jp",
        staff_mail="staff@example.jp",
    )
    async with server:
        await mailing(settings)["mail"](_NOTICE)
    assert b"RCPT TO:<staff@example.jp>\r\n" in received
