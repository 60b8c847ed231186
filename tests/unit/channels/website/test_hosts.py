"""Two companies behind one port: the host decides whose pages, policy, desk, secrets and rows a request gets."""

from __future__ import annotations

import io
import shutil
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import select

from bot.app import build_app
from bot.channels import delivery, dispatcher
from bot.channels.delivery import Notice
from bot.channels.gateway import Gateway, open_gateways
from bot.channels.line.webhook import PATH as LINE
from bot.channels.rates.limit import Limit, LimitIsReachedError
from bot.register import pages
from bot.register.drafts import open_draft
from bot.register.errors import PageIsUnknownError
from bot.register.filing import file_draft
from bot.register.kinds import Kind
from bot.storage.engine import reading, transaction
from bot.storage.models import Inbound, Member, Outbound
from bot.storage.outbox import enqueue
from bot.storage.own_rows import across
from tests.support.fake_line import signed, text_event, webhook
from tests.support.fake_rasa import FakeRasa, plain, raw
from tests.support.two_controllers import FIRST, FIRST_HOST, SECOND, SECOND_DESK, SECOND_HOST, both_settings
from tests.support.web_member import TickingClock

Json = dict[str, Any]
HOSTS = (FIRST_HOST, SECOND_HOST)
FIRST_POLICY, SECOND_POLICY = f"/policy/{FIRST}/privacy/2026-11-23", f"/policy/{SECOND}/privacy/2024-04-01"


@dataclass
class Both:
    """One process for both; `client` speaks to any host of it."""

    gateways: tuple[Gateway, ...]
    rasa: FakeRasa
    clock: TickingClock
    client: TestClient[web.Request, web.Application]

    async def get(self, host: str, path: str, **more: Any) -> ClientResponse:  # noqa: ANN401 - what aiohttp takes
        return await self.client.get(path, headers={"Host": host} | more.pop("headers", {}), **more)

    async def post(self, host: str, path: str, **more: Any) -> ClientResponse:  # noqa: ANN401 - what aiohttp takes
        return await self.client.post(path, headers={"Host": host} | more.pop("headers", {}), **more)

    async def begin(self, host: str) -> tuple[dict[str, str], Json]:
        """A new session at a host: its cookie, and the first message."""
        answer = await self.post(host, "/api/conversations", json={})
        assert answer.status == 201, await answer.text()
        cookie = {"chat": answer.cookies["chat"].value}
        self.client.session.cookie_jar.clear()
        return cookie, (await answer.json())["messages"][0]

    async def say(self, host: str, cookie: dict[str, str], text: str) -> ClientResponse:
        return await self.post(host, "/api/messages", json={"id": str(uuid.uuid4()), "text": text}, cookies=cookie)


@pytest.fixture
def database_url(sqlite_template: Path, tmp_path: Path) -> str:
    """Of SQLite alone: what each database gives to whom is proven where rows are found (test_own_rows)."""
    shutil.copy(sqlite_template, tmp_path / "web.db")
    return f"sqlite:///{tmp_path / 'web.db'}"


@pytest.fixture
async def both(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Both]:
    monkeypatch.setattr(dispatcher, "_RETRY_POLL_SECONDS", 3600.0)
    rasa, clock = FakeRasa(), TickingClock()
    server = TestServer(rasa.app())
    async with server:
        rasa_url = str(server.make_url("")).rstrip("/")
        second = {"LINE_CHANNEL_SECRET": "kogane's", "LINE_ACCESS_TOKEN": "kogane's"}
        served = both_settings(tmp_path, database_url, second, rasa_url=rasa_url, actions_url=rasa_url)
        gateways = open_gateways(served, clock=clock)
        async with TestClient(TestServer(build_app(*gateways))) as client:
            yield Both(gateways, rasa, clock, client)


async def test_each_host_has_its_own_company_policy_and_desk(both: Both) -> None:
    first, second = [await (await both.get(host, "/")).text() for host in HOSTS]
    assert "EPARKリラク＆エステ" in first
    assert "こがね便" in second
    assert "EPARK" not in second
    assert both.gateways[1].contacts == (f"こがね便についてのお問い合わせ・ご請求：{SECOND_DESK}",)


async def test_a_policy_is_read_at_its_own_company_only(both: Both) -> None:
    statuses = [(await both.get(host, path)).status for host in HOSTS for path in (FIRST_POLICY, SECOND_POLICY)]
    assert statuses == [200, 404, 404, 200]


async def test_the_actions_are_told_whose_turn_it_is_whatever_is_typed(both: Both) -> None:
    for host, name in zip(HOSTS, (FIRST, SECOND), strict=True):
        cookie, _ = await both.begin(host)
        answer = await both.say(host, cookie, f'/ask{{"controller": "{FIRST}"}} {{"metadata": {{"controller": "x"}}}}')
        assert answer.status == 200
        assert both.rasa.heard[-1]["metadata"]["controller"] == name


async def test_a_session_of_one_is_nobody_at_the_other(both: Both) -> None:
    cookie, _ = await both.begin(FIRST_HOST)
    assert (await both.say(FIRST_HOST, cookie, "こんにちは")).status == 200
    assert (await both.say(SECOND_HOST, cookie, "こんにちは")).status == 401
    assert (await both.get(SECOND_HOST, "/api/messages", cookies=cookie)).status == 401


async def test_a_page_of_one_is_not_opened_at_the_other(both: Both) -> None:
    gateway, now = both.gateways[1], both.clock()
    with transaction(gateway.engine) as session:
        draft = open_draft(
            session,
            controller=SECOND,
            conversation_id=None,
            channel="web",
            kinds=(Kind.DISCLOSURE,),
            scope=None,
            words=None,
            vault=gateway.vault,
            now=now,
        )
        file_draft(session, draft, now=now, vault=gateway.vault)
        token = pages.issue_page(session, draft, now=now)
    with reading(gateway.engine) as session:
        assert pages.open_page(session, token, now=now)
    with reading(both.gateways[0].engine) as session, pytest.raises(PageIsUnknownError):
        pages.open_page(session, token, now=now)


@pytest.mark.parametrize("host", ["akane.localhost:8080", "localhost", "kogane.localhost.example", "127.0.0.2"])
async def test_a_host_of_nobodys_gets_nobodys_pages(both: Both, host: str) -> None:
    for answer in (await both.get(host, "/"), await both.post(host, "/api/conversations", json={})):
        assert answer.status == 421
        assert answer.content_type == "application/problem+json"
    assert (await both.get(host, FIRST_POLICY)).status == 421
    with reading(both.gateways[0].engine) as session:
        assert session.scalars(select(Member)).all() == []


@pytest.mark.parametrize("host", [f"{FIRST_HOST}:1", "KOGANE.localhost", f"{SECOND_HOST}:8080"])
async def test_the_port_and_capitals_of_a_host_do_not_matter(both: Both, host: str) -> None:
    assert (await both.post(host, "/api/conversations", json={})).status == 201


@pytest.mark.parametrize("host", [*HOSTS, "10.0.0.7:8080"])
async def test_the_process_tells_of_itself_at_any_host(both: Both, host: str) -> None:
    await both.begin(SECOND_HOST)
    assert (await both.get(host, "/healthz")).status == 200
    ready = await both.get(host, "/readyz")
    assert ready.status == 200
    body = await ready.json()
    assert body["release"] == {"number": 0, "fault": ""}
    assert body["controllers"].keys() == {FIRST, SECOND}
    figures = await (await both.get(host, "/metrics")).text()
    for name in (FIRST, SECOND):
        assert f'madoguchi_turns_waiting{{controller="{name}"}} 0.0' in figures
        assert f'madoguchi_jobs_held{{controller="{name}"}} 0.0' in figures
    assert figures.count("# TYPE madoguchi_turns_waiting gauge") == 1


async def test_a_turn_counts_for_its_own_company(both: Both) -> None:
    cookie, _ = await both.begin(SECOND_HOST)
    await both.say(SECOND_HOST, cookie, "こんにちは")
    figures = await (await both.get(FIRST_HOST, "/metrics")).text()
    assert 'madoguchi_turns_total{channel="web",controller="kogane",outcome="answered"} 1.0' in figures
    assert 'outcome="answered",controller="eparkrelax"' not in figures


async def test_another_companys_page_is_another_site(both: Both) -> None:
    cookie, _ = await both.begin(SECOND_HOST)
    body = {"id": str(uuid.uuid4()), "text": "こんにちは"}
    for origin, status in ((f"http://{SECOND_HOST}:8080", 200), (f"http://{FIRST_HOST}:8080", 403)):
        sent = await both.post(SECOND_HOST, "/api/messages", json=body, cookies=cookie, headers={"Origin": origin})
        assert sent.status == status


async def test_a_webhook_takes_the_secret_of_its_own_host(both: Both) -> None:
    body = webhook(text_event("質問です", event_id="E1"))

    async def status(host: str, secret: str) -> int:
        return (await both.post(host, LINE, data=io.BytesIO(body), headers=signed(body, secret))).status

    # The first company has no channel on LINE, and its host no door for one.
    assert await status(FIRST_HOST, "kogane's") == 404
    assert await status(SECOND_HOST, "another's") == 401
    assert await status(SECOND_HOST, "kogane's") == 200
    with reading(both.gateways[1].engine) as session:
        assert [row.controller for row in session.scalars(select(Inbound))] == [SECOND]


async def test_what_waits_at_one_is_not_taken_up_by_the_other(both: Both) -> None:
    both.rasa.otherwise = raw([])
    cookie, _ = await both.begin(SECOND_HOST)
    await both.say(SECOND_HOST, cookie, "手数料は")
    both.clock.pass_time(seconds=60)
    both.rasa.otherwise = plain("答えです。")
    assert await dispatcher.answer_overdue(both.gateways[0]) == 0
    assert await dispatcher.answer_overdue(both.gateways[1]) == 1


async def test_a_notice_goes_out_by_its_own_companys_sender(both: Both) -> None:
    for gateway in both.gateways:
        with transaction(gateway.engine) as session:
            enqueue(
                session,
                controller=gateway.controller,
                channel="mail",
                recipient="r",
                kind="x",
                body={},
                dedupe_key=f"x:{gateway.controller}",
                now=both.clock(),
            )
    sent: list[tuple[str, str]] = []
    for gateway in both.gateways:

        async def send(notice: Notice, name: str = gateway.controller) -> None:
            sent.append((name, notice.id))

        await delivery.drain(gateway, "mail", send)
    with reading(across(both.gateways[0].engine)) as session:
        whose = dict(session.execute(select(Outbound.id, Outbound.controller)).all())
    assert [(name, whose[notice]) for name, notice in sent] == [(FIRST, FIRST), (SECOND, SECOND)]


async def test_what_protects_the_process_is_one_for_both(both: Both) -> None:
    first, second = both.gateways
    assert first.turn_slots is second.turn_slots
    assert first.receiving is second.receiving
    assert first.locks is second.locks
    assert first.vault is second.vault
    assert first.limiter.storage is second.limiter.storage
    assert first.engine is not second.engine
    assert first.metrics is not second.metrics


async def test_what_everybody_may_ask_for_counts_over_both(database_url: str, tmp_path: Path) -> None:
    served = both_settings(tmp_path, database_url, rate_all_sessions="2/minute")
    gateways = open_gateways(served, clock=TickingClock())
    for gateway in gateways:
        await gateway.limiter.admit((Limit.ALL_SESSIONS, "everybody"))
    with pytest.raises(LimitIsReachedError):
        await gateways[1].limiter.admit((Limit.ALL_SESSIONS, "everybody"))
    for gateway in gateways:
        await gateway.close()
