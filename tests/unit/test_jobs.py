from __future__ import annotations

import asyncio
import base64
import dataclasses
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
from pydantic import SecretStr
from sqlalchemy import func, select

from bot import jobs
from bot.channels import alerting, chores, deletion
from bot.channels.beating import note_beats
from bot.channels.delivery import Notice, Sender
from bot.channels.digesting import DIGEST, open_digesting
from bot.channels.gateway import Gateway
from bot.channels.mail import bounces
from bot.channels.slack import alerts as slack_alerts
from bot.errors import BadInputError
from bot.register.digests.making import DigestsAreGoneError
from bot.register.drafts import open_draft
from bot.register.errors import StaffFileIsWrongError
from bot.register.filing import file_draft
from bot.register.kinds import Kind
from bot.register.models import Request
from bot.register.staff import load_staff
from bot.storage import leases, outbox
from bot.storage.beats import last_beats
from bot.storage.engine import reading, transaction
from bot.storage.models import Lease, Outbound
from tests.support.fake_rasa import raw
from tests.support.fake_slack import BOT_TOKEN, FakeSlack
from tests.support.product import _free_port
from tests.support.web_member import Desk, running_desk, web_settings

_STAFF_FILE = Path(__file__).parents[2] / "docs" / "staff.example.yml"


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
    work = asyncio.create_task(jobs.run(desk.gateway, lambda _: senders))
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


def file_request(desk: Desk, *, assignee: str | None = None, **facts: object) -> str:
    """Files a request for disclosure now; gives its number."""
    gateway, now = desk.gateway, desk.clock()
    given: dict[str, object] = {
        "controller": gateway.controller,
        "conversation_id": None,
        "channel": "web",
        "kinds": (Kind.DISCLOSURE,),
        "scope": None,
        "words": None,
        "vault": gateway.vault,
        "now": now,
    }
    with transaction(gateway.engine) as session:
        draft_id = open_draft(session, **{**given, **facts})  # type: ignore[arg-type]  # each test names what it means
        (filed,) = file_draft(session, draft_id, now=now, vault=gateway.vault)
        session.get_one(Request, filed.request_id).assignee = assignee
    return filed.number


def requests(desk: Desk) -> int:
    with transaction(desk.gateway.engine) as session:
        return session.scalar(select(func.count()).select_from(Request)) or 0


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
        name = leases.of_company("eparkrelax", "jobs")
        leases.acquire(session, name, controller="eparkrelax", holder="other", now=desk.clock(), seconds=60)
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


async def test_a_step_that_fails_keeps_no_other_from_its_turn(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(_gateway: Gateway) -> None:
        raise OSError("the folder is away")

    monkeypatch.setattr(bounces, "read_bounces", fail)
    sent: list[Notice] = []

    async def send(notice: Notice) -> None:
        sent.append(notice)

    row_id = enqueue(desk)
    async with working(desk, {"mail": send}):
        await until_sent(desk, row_id)
    assert [notice.id for notice in sent] == [row_id]


async def test_a_round_with_nothing_to_do_waits_for_nobody_who_writes(desk: Desk) -> None:
    file_request(desk)
    steps = jobs._steps(desk.gateway)
    # These two write in any case, a moment at a time: one looks by deleting, the other empties the journal.
    del steps["forgetting"], steps["journal"]
    with transaction(desk.gateway.engine):
        for step in steps.values():
            await step()


async def test_a_list_of_staff_that_cannot_be_used_is_told_at_the_start(sqlite_template: Path, tmp_path: Path) -> None:
    shutil.copy(sqlite_template, tmp_path / "web.db")
    async with running_desk(tmp_path / "web.db", staff_file=tmp_path / "nobody.yml") as desk:
        with pytest.raises(StaffFileIsWrongError):
            await jobs.run(desk.gateway, lambda _: {})


async def test_what_the_calendar_brings_is_mailed(desk: Desk) -> None:
    file_request(desk)
    desk.clock.pass_time(days=20)
    sent: list[Notice] = []

    async def send(notice: Notice) -> None:
        sent.append(notice)

    async with working(desk, {"mail": send}), asyncio.timeout(10):
        while len(sent) < 4:  # noqa: ASYNC110 - the database is what is waited for
            await asyncio.sleep(0.01)
    # The arrival once more, since nobody has taken it up.
    assert sorted(notice.body["sort"] for notice in sent) == ["arrival", "arrival", "no_contact", "overdue"]


async def test_the_sweep_looks_once_a_minute(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    watching = alerting.open_alerting(desk.gateway)
    looked: list[datetime] = []
    monkeypatch.setattr(watching, "_sweep", looked.append)
    for seconds in (0, 59, 1):
        desk.clock.pass_time(seconds=seconds)
        await watching.sweep()
    first, second = looked
    assert second - first >= timedelta(minutes=1)


async def test_tests_go_after_a_day(desk: Desk) -> None:
    tidying = jobs.open_forgetting(desk.gateway, pauses=0)
    file_request(desk, is_test=True)
    await tidying.sweep()
    assert requests(desk) == 1
    desk.clock.pass_time(days=1, seconds=1)
    await tidying.sweep()
    assert requests(desk) == 0


async def test_alerts_are_posted_on_slack_once(sqlite_template: Path, tmp_path: Path) -> None:
    shutil.copy(sqlite_template, tmp_path / "web.db")
    slack = FakeSlack()
    async with TestServer(slack.app()) as server:
        on: dict[str, Any] = {
            "slack_api_url": str(server.make_url("/api/")),
            "slack_bot_token": SecretStr(BOT_TOKEN),
            "alert_slack_channel": "C1",
            "staff_file": _STAFF_FILE,
        }
        async with running_desk(tmp_path / "web.db", **on) as desk:
            number = file_request(desk, assignee="sato")
            staff = load_staff(desk.gateway.settings)
            senders = slack_alerts.posting(desk.gateway.settings, lambda: staff)
            async with working(desk, senders), asyncio.timeout(10):
                while not slack.posts:  # noqa: ASYNC110 - the fake is what is waited for
                    await asyncio.sleep(0.01)
                desk.clock.pass_time(minutes=2)
                await asyncio.sleep(0.2)
    (post,) = slack.posts
    assert post["channel"] == "C1"
    assert post["text"].splitlines() == [
        "試用中：本物の請求は受け付けません",
        "新しい受付があります。",
        f"受付番号：{number}（開示）",
        "期限まで：残り10営業日",
    ]


@pytest.mark.parametrize(("urgency", "begins"), [({}, ""), ({"urgent": False}, ""), ({"urgent": True}, "【至急】")])
def test_an_alert_on_slack_mentions_whom_it_is_for(urgency: dict[str, bool], begins: str) -> None:
    staff = load_staff(web_settings("sqlite:///x.db", staff_file=_STAFF_FILE))
    body = {"number": "K261124-7F3K-9QXMC", "kind": "erasure", "sort": "overdue", "days_left": None, **urgency}
    notice = Notice("0" * 32, "alert", "sato", body, 0, datetime(2026, 11, 24, 3, 0, tzinfo=UTC))
    assert slack_alerts.alert_post(notice, staff)["text"].splitlines() == [
        "<@U0000000001>",
        f"{begins}期限を過ぎています。",
        "受付番号：K261124-7F3K-9QXMC（消去）",
    ]


@pytest.mark.parametrize("missing", ["slack_bot_token", "alert_slack_channel"])
def test_without_token_or_channel_nothing_is_posted(missing: str) -> None:
    values: dict[str, object] = {"slack_bot_token": SecretStr(BOT_TOKEN), "alert_slack_channel": "C1"}
    del values[missing]
    settings = web_settings("sqlite:///x.db", **values)
    assert slack_alerts.posting(settings, lambda: load_staff(settings)) == {}


async def test_a_server_that_says_nothing_keeps_nobody_else_waiting(desk: Desk) -> None:
    async def hang(_notice: Notice) -> None:
        await asyncio.Event().wait()

    member = await desk.member()
    desk.rasa.turns = [raw([])]
    await member.send(text="質問")
    enqueue(desk)
    desk.clock.pass_time(minutes=1)
    async with working(desk, {"mail": hang}), asyncio.timeout(10):
        while len(await member.history()) < 4:  # noqa: ASYNC110 - the database is what is waited for
            await asyncio.sleep(0.01)
    assert (await member.history())[-1]["kind"] == "smalltalk"


def _beats(desk: Desk) -> dict[str, datetime]:
    with reading(desk.gateway.engine) as session:
        return last_beats(session, desk.gateway.controller)


async def test_each_job_that_is_done_leaves_a_beat_and_one_that_fails_none(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job that silently stops shows by the age of its beat, whatever else goes on."""

    async def fails(_gateway: Gateway) -> None:
        raise RuntimeError

    monkeypatch.setattr(chores, "make_codes", fails)
    steps = set(jobs._steps(desk.gateway))
    async with working(desk, {}), asyncio.timeout(30):
        while not _beats(desk).keys() >= steps - {"codes"} | {"purge"}:  # noqa: ASYNC110 - the database is what is waited for
            await asyncio.sleep(0.01)

    beats = _beats(desk)
    assert "codes" not in beats
    assert "digest" not in beats  # no folder is set
    assert max(map(len, beats)) <= 16


async def test_the_digest_of_the_hour_leaves_a_beat_when_it_is_there(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "digests").mkdir()
    key = SecretStr(base64.b64encode(b"d" * 32).decode())
    settings = desk.gateway.settings.model_copy(
        update={"digests_dir": tmp_path / "digests", "digest_key": key, "data_dir": tmp_path / "var"}
    )
    digesting = open_digesting(dataclasses.replace(desk.gateway, settings=settings))

    await digesting.sweep()
    first = _beats(desk)[DIGEST]
    desk.clock.pass_time(minutes=2)
    await digesting.sweep()  # it is there already
    assert _beats(desk)[DIGEST] > first

    shutil.rmtree(tmp_path / "digests")
    desk.clock.pass_time(hours=1)
    with pytest.raises(DigestsAreGoneError):
        await digesting.sweep()
    assert _beats(desk)[DIGEST] < desk.clock() - timedelta(minutes=50)


async def test_jobs_show_what_they_count_where_a_port_is_set(desk: Desk) -> None:
    port = _free_port()
    gateway = dataclasses.replace(
        desk.gateway, settings=desk.gateway.settings.model_copy(update={"jobs_metrics_port": port})
    )
    gateway.metrics.sent.labels("mail", "sent").inc()

    server = jobs._show_figures(gateway)

    assert server is not None
    with server:
        with pytest.raises(BadInputError, match="JOBS_METRICS_PORT"):
            jobs._show_figures(gateway)
        async with ClientSession() as http, http.get(f"http://127.0.0.1:{port}/metrics") as response:
            told = await response.text()
        server.shutdown()
    assert 'madoguchi_sent_total{channel="mail",outcome="sent"} 1.0' in told
    assert jobs._show_figures(desk.gateway) is None


async def test_what_is_done_no_more_has_no_age(desk: Desk) -> None:
    """An alarm of a job that a release has dropped, or of digests that were switched off, would never end."""
    note_beats(desk.gateway, "former_job", "digest", "backup")

    async with working(desk, {}), asyncio.timeout(30):
        while "former_job" in _beats(desk):  # noqa: ASYNC110 - the database is what is waited for
            await asyncio.sleep(0.01)

    assert "digest" not in _beats(desk)
    assert "backup" in _beats(desk)
