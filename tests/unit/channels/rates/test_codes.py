"""Asking for codes and trying them, through the door of requests and through a request's own page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from aiohttp import ClientResponse
from sqlalchemy import func, select, text
from structlog.testing import capture_logs

from bot.channels.forgetting.rooms import rooms_of
from bot.channels.forgetting.running import Forgetting
from bot.channels.rates.limit import Limit
from bot.register.identity.models import Code
from bot.storage.engine import transaction
from bot.storage.rate_counts import RateCount
from tests.support.request_pages import file_with_page
from tests.support.timeline_visitor import Visitor, visiting

BROWSER = {"Accept": "text/html"}
WISH = {"step": "send", "number": "K261124-0000-0000"}
TRIES = [{"step": "code", "handle": "h", "code": "123456"}, {"number": "K261124-0000-0000", "resume": "ABCD"}]


@pytest.fixture(autouse=True)
def logs() -> Iterator[list[dict[str, object]]]:
    with capture_logs() as lines:
        yield lines  # type: ignore[misc]  # structlog's own mappings


async def post(visitor: Visitor, form: dict[str, str], *, address: str = "203.0.113.7") -> ClientResponse:
    headers = BROWSER | {"X-Forwarded-For": address}
    return await visitor.client.post("/request", data=form, headers=headers, allow_redirects=False)


async def statuses(visitor: Visitor, form: dict[str, str], *addresses: str) -> list[int]:
    return [(await post(visitor, form, address=address)).status for address in addresses]


def count_codes(visitor: Visitor) -> int:
    with transaction(visitor.desk.gateway.engine) as session:
        return session.scalar(select(func.count()).select_from(Code)) or 0


def counted(visitor: Visitor, name: str, limit: Limit) -> float:
    registry = visitor.desk.gateway.metrics.registry
    return registry.get_sample_value(f"madoguchi_{name}_total", {"limit": limit}) or 0.0


async def test_wishes_from_one_network_whatever_the_number(database_url: str) -> None:
    async with visiting(database_url, rate_address_code_wishes="2/hour") as visitor:
        (receipt,) = visitor.desk.filed_with_details()
        true = WISH | {"number": receipt.number}
        assert await statuses(visitor, WISH, "203.0.113.1") == [200]
        assert await statuses(visitor, true, "203.0.113.2", "198.51.100.9, 203.0.113.3", "203.0.114.1") == [
            200,
            429,
            200,
        ]
        assert count_codes(visitor) == 3

        refusals = [await post(visitor, form) for form in (true, WISH)]
        first, second = [await refusal.text() for refusal in refusals]
        assert "60分ほどおいて" in first
        assert first.split("窓口へお知らせください")[0] == second.split("窓口へお知らせください")[0]
        assert {refusal.headers["Retry-After"] for refusal in refusals} == {"3600"}
        assert counted(visitor, "rate_refused", Limit.ADDRESS_CODE_WISHES) == 3


async def test_wishes_of_everybody(database_url: str) -> None:
    async with visiting(database_url, rate_all_code_wishes="2/hour") as visitor:
        assert await statuses(visitor, WISH, "203.0.1.1", "203.0.2.1", "203.0.3.1") == [200, 200, 429]
        assert count_codes(visitor) == 2


@pytest.mark.parametrize("form", TRIES, ids=["a mail's code", "a printed code"])
@pytest.mark.parametrize("limit", [Limit.ADDRESS_CODE_TRIES, Limit.ALL_CODE_TRIES])
async def test_tries(database_url: str, form: dict[str, str], limit: Limit) -> None:
    async with visiting(database_url, **{f"rate_{limit}": "2/hour"}) as visitor:
        assert await statuses(visitor, form, *["203.0.113.7"] * 3) == [422, 422, 429]
        assert (await post(visitor, WISH)).status == 200
        assert counted(visitor, "rate_refused", limit) == 1


async def test_the_right_code_after_too_many_tries_opens_nothing_until_the_hour_is_over(database_url: str) -> None:
    async with visiting(database_url, rate_address_code_tries="1/hour", code_minutes=10) as visitor:
        (receipt,) = visitor.desk.filed_with_details()
        await post(visitor, TRIES[0])
        handle = await visitor.ask_for_code(receipt.number)
        form = {"step": "code", "handle": handle, "code": visitor.desk.newest_code()}
        assert (await post(visitor, form)).status == 429
        assert (await post(visitor, form, address="203.0.114.1")).status == 303


async def test_a_requests_own_page_counts_as_well(database_url: str) -> None:
    async with visiting(database_url, rate_all_code_tries="1/hour", rate_all_code_wishes="1/hour") as visitor:
        page = file_with_page(visitor.desk.gateway)
        assert (await post(visitor, WISH)).status == 200
        refused = await visitor.client.post(page.path, data={"step": "send"}, headers=BROWSER)
        assert refused.status == 429


async def test_a_form_without_a_number_is_no_wish(database_url: str) -> None:
    async with visiting(database_url, rate_all_code_wishes="1/hour") as visitor:
        assert await statuses(visitor, {"step": "send", "number": " "}, "203.0.113.1", "203.0.113.1") == [422, 422]
        assert (await post(visitor, WISH)).status == 200


@pytest.mark.parametrize("form", [WISH, *TRIES], ids=["a wish", "a mail's code", "a printed code"])
async def test_what_cannot_be_counted_is_not_allowed(
    database_url: str, form: dict[str, str], logs: list[dict[str, object]]
) -> None:
    async with visiting(database_url) as visitor:
        with transaction(visitor.desk.gateway.engine) as session:
            session.execute(text("DROP TABLE rate_count"))

        refused = await post(visitor, form)

        assert (refused.status, refused.content_type) == (503, "text/html")
        assert int(refused.headers["Retry-After"]) > 0
        assert count_codes(visitor) == 0
        limit = Limit.ALL_CODE_WISHES if form == WISH else Limit.ALL_CODE_TRIES
        assert counted(visitor, "rate_limit_errors", limit) == 1
        assert "codes_not_counted" in {line["event"] for line in logs}


async def test_counts_do_not_outlive_their_windows(database_url: str) -> None:
    async with visiting(database_url, rate_all_code_wishes="5/hour", rate_address_code_wishes="5/day") as visitor:
        await post(visitor, WISH)
        gateway = visitor.desk.gateway
        forgetting = Forgetting(gateway, rooms_of(gateway.settings, gateway.controller), pauses=0)
        visitor.clock.now += timedelta(hours=1)
        await forgetting.sweep()
        with transaction(gateway.engine) as session:
            assert session.scalars(select(RateCount.name)).all() == [Limit.ADDRESS_CODE_WISHES]
        visitor.clock.now += timedelta(days=1)
        await forgetting.sweep()
        with transaction(gateway.engine) as session:
            assert session.scalars(select(RateCount)).all() == []


async def test_no_address_is_kept_or_logged(database_url: str, logs: list[dict[str, object]]) -> None:
    async with visiting(database_url, rate_address_code_wishes="1/hour") as visitor:
        await statuses(visitor, WISH, "203.0.113.7", "203.0.113.7")
        with transaction(visitor.desk.gateway.engine) as session:
            kept = [(row.name, row.key) for row in session.scalars(select(RateCount))]
    assert {len(key) for _name, key in kept} == {0, 64}
    assert "203.0.113" not in f"{kept}{logs}"
