"""Every limit of the website through its real door."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from aiohttp import ClientResponse
from sqlalchemy import func, select

from bot.channels.rates.limit import Limit
from bot.storage.engine import transaction
from bot.storage.models import Inbound
from tests.support.request_pages import file_with_page
from tests.support.web_member import Desk, WebMember

Open = Callable[..., AbstractAsyncContextManager[Desk]]
BROWSER = {"Accept": "text/html,application/xhtml+xml;q=0.9"}


def from_network(address: str) -> dict[str, str]:
    return {"X-Forwarded-For": address}


async def begin(desk: Desk, address: str) -> int:
    return (await desk.client.post("/api/conversations", json={}, headers=from_network(address))).status


async def say(desk: Desk, member: WebMember, address: str) -> int:
    desk.client.session.headers.update(from_network(address))
    try:
        return (await member.post(text="共同利用とは何ですか")).status
    finally:
        desk.client.session.headers.clear()


def stored(desk: Desk) -> int:
    with transaction(desk.gateway.engine) as session:
        return session.scalar(select(func.count()).select_from(Inbound)) or 0


async def metric(desk: Desk, limit: Limit) -> float:
    """As whoever watches reads it."""
    text = await (await desk.client.get("/metrics")).text()
    name = f'madoguchi_rate_refused_total{{limit="{limit}"}} '
    return float(next((line.removeprefix(name) for line in text.splitlines() if line.startswith(name)), "0"))


async def expect_problem(response: ClientResponse, seconds: int, reason: str) -> None:
    problem: dict[str, Any] = await response.json(content_type="application/problem+json")
    assert (response.status, problem["status"], problem["title"]) == (429, 429, "Too Many Requests")
    assert response.headers["Retry-After"] == str(seconds)
    assert problem["detail"] == f"{reason}{seconds}秒ほどおいて、もう一度お試しください。"
    assert problem["reference"]


async def test_messages_of_one_session(open_desk: Open) -> None:
    async with open_desk(rate_session_messages="2/minute") as desk:
        member, other = await desk.member(), await desk.member()
        assert [(await member.post(text="共同利用とは何ですか")).status for _ in range(2)] == [200, 200]

        refused = await member.post(text="もうひとつ")
        await expect_problem(refused, 60, "短い時間に続けて送られたため、いまはお受けできません。")
        assert stored(desk) == 2
        assert await metric(desk, Limit.SESSION_MESSAGES) == 1
        assert (await other.post(text="共同利用とは何ですか")).status == 200
        assert len(await member.history()) > 2
        assert (await member.delete()).status == 200

        desk.clock.pass_time(seconds=60)
        assert (await member.post(text="もうひとつ")).status == 200


async def test_a_message_that_was_refused_can_be_sent_again_as_it_is(open_desk: Open) -> None:
    async with open_desk(rate_session_messages="1/minute") as desk:
        member = await desk.member()
        await member.send(text="共同利用とは何ですか")
        key = "0f0e0d0c-0b0a-4908-8706-050403020100"
        assert (await member.post(key=key, text="もうひとつ")).status == 429

        desk.clock.pass_time(minutes=1)
        assert await member.send(key=key, text="もうひとつ")
        assert stored(desk) == 2


async def test_messages_from_one_network(open_desk: Open) -> None:
    async with open_desk(rate_address_messages="2/minute") as desk:
        one, other = await desk.member(), await desk.member()
        assert [await say(desk, one, "203.0.113.7"), await say(desk, other, "203.0.113.8")] == [200, 200]
        assert await say(desk, one, "203.0.113.9") == 429
        assert await say(desk, one, "198.51.100.1, 203.0.113.9") == 429
        assert await say(desk, one, "203.0.114.1") == 200
        assert await metric(desk, Limit.ADDRESS_MESSAGES) == 2


async def test_messages_of_everybody(open_desk: Open) -> None:
    async with open_desk(rate_all_messages="2/minute") as desk:
        members = [await desk.member() for _ in range(3)]
        statuses = [await say(desk, member, f"203.0.{place}.1") for place, member in enumerate(members)]
        assert statuses == [200, 200, 429]
        refused = await members[2].post(text="もうひとつ")
        await expect_problem(refused, 60, "申し訳ありません。ただいまご利用が多く、お受けできません。")


async def test_new_chats_from_one_network_and_of_everybody(open_desk: Open) -> None:
    async with open_desk(rate_address_sessions="2/minute", rate_all_sessions="4/minute") as desk:
        one = [await begin(desk, "2001:db8::1"), await begin(desk, "2001:db8::2"), await begin(desk, "2001:db8::3")]
        others = [await begin(desk, f"2001:db8:{place}::1") for place in (1, 2, 3)]
        assert (one, others) == ([201, 201, 429], [201, 201, 429])
        assert await metric(desk, Limit.ADDRESS_SESSIONS) == await metric(desk, Limit.ALL_SESSIONS) == 1


async def test_this_machine_has_no_limit_by_address_unless_told_so(open_desk: Open) -> None:
    async with open_desk(rate_address_sessions="1/minute") as desk:
        assert [(await desk.client.post("/api/conversations")).status for _ in range(3)] == [201] * 3
    async with open_desk(rate_address_sessions="1/minute", rate_exempt_loopback=False) as desk:
        assert [(await desk.client.post("/api/conversations")).status for _ in range(2)] == [201, 429]


async def test_a_header_of_somebody_who_is_no_proxy_changes_nothing(open_desk: Open) -> None:
    async with open_desk(rate_address_sessions="1/minute", rate_exempt_loopback=False, trusted_proxies="") as desk:
        assert [await begin(desk, f"203.0.{place}.1") for place in range(2)] == [201, 429]


async def test_another_sites_request_is_not_counted(open_desk: Open) -> None:
    async with open_desk(rate_session_messages="1/minute", rate_all_sessions="1/minute") as desk:
        foreign = {"Origin": "https://elsewhere.example"}
        for _ in range(3):
            assert (await desk.client.post("/api/conversations", json={}, headers=foreign)).status == 403
        assert (await desk.client.post("/api/conversations", json={})).status == 201


@pytest.mark.parametrize("limit", [Limit.ADDRESS_PAGE_POSTS, Limit.ALL_PAGE_POSTS])
async def test_what_the_pages_of_requests_send(open_desk: Open, limit: Limit) -> None:
    async with open_desk(**{f"rate_{limit}": "1/minute"}) as desk:
        page = file_with_page(desk.gateway)
        headers = BROWSER | from_network("203.0.113.7")
        assert (await desk.client.get(page.path, headers=headers)).status == 200
        assert (await desk.client.post(page.path, data={"step": "open"}, headers=headers)).status == 200

        refused = await desk.client.post("/request/case", data={"step": "write"}, headers=headers)

        text = await refused.text()
        assert (refused.status, refused.content_type, refused.headers["Retry-After"]) == (429, "text/html", "60")
        assert "<h1>しばらくお待ちください</h1>" in text
        assert "60秒ほどおいて" in text
        assert "ブラウザーの「戻る」" in text
        assert (await desk.client.get(page.path, headers=headers)).status == 200
        assert await metric(desk, limit) == 1
