from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from bot.channels import turn_leases
from bot.channels.gateway import Gateway
from bot.channels.leasing import HeldLease, LeaseIsTakenError
from bot.channels.turn_leases import alone_in, turn_lease
from bot.errors import UnavailableError
from bot.storage import leases
from bot.storage.engine import reading, transaction
from bot.storage.models import Lease
from tests.support.channel_gateway import channel_settings, scripted_gateway
from tests.support.waiting import until

SECONDS = 1.0


@pytest.fixture
def gateway(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gateway]:
    monkeypatch.setattr(turn_leases, "LEASE_SECONDS", SECONDS)
    gateway, _ = scripted_gateway(channel_settings(tmp_path / "none", database_url=database_url))
    yield gateway
    gateway.engine.dispose()


def holders(gateway: Gateway) -> list[str]:
    with reading(gateway.engine) as session:
        return list(session.scalars(select(Lease.holder)))


def held(gateway: Gateway) -> HeldLease:
    lease = HeldLease(gateway, turn_lease("c1"), "we", SECONDS)
    lease.prolong()
    return lease


async def test_it_lasts_for_as_long_as_the_block_though_it_is_short(gateway: Gateway) -> None:
    async with alone_in(gateway, "c1", patience=0.0):
        with pytest.raises(LeaseIsTakenError):
            async with alone_in(gateway, "c1", patience=2.5 * SECONDS):
                pytest.fail("two are at it")
    async with alone_in(gateway, "c1", patience=0.0):
        assert len(holders(gateway)) == 1
    assert holders(gateway) == []


async def test_whoever_dies_with_it_gives_way_soon(gateway: Gateway) -> None:
    held(gateway)
    begun = asyncio.get_running_loop().time()
    async with alone_in(gateway, "c1", patience=30.0):
        assert asyncio.get_running_loop().time() - begun > SECONDS / 2
        assert holders(gateway) != ["we"]


def test_a_sign_of_life_after_it_was_given_back_takes_nothing(gateway: Gateway) -> None:
    lease = held(gateway)
    lease.release()
    with pytest.raises(LeaseIsTakenError):
        lease.show_life()
    assert holders(gateway) == []


def test_a_sign_of_life_after_it_was_overtaken_takes_nothing_back(gateway: Gateway) -> None:
    lease = held(gateway)
    with transaction(gateway.engine) as session:
        session.get_one(Lease, lease.name).holder = "another"
    with pytest.raises(LeaseIsTakenError):
        lease.show_life()
    assert holders(gateway) == ["another"]


def test_a_late_sign_of_life_keeps_what_nobody_wanted(gateway: Gateway) -> None:
    lease = held(gateway)
    with transaction(gateway.engine) as session:
        session.get_one(Lease, lease.name).until = gateway.clock()
    lease.show_life()
    with reading(gateway.engine) as session:
        assert leases.is_held(session, lease.name, now=gateway.clock())


async def test_a_database_that_is_away_for_a_moment_ends_nothing(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried, prolong = [], leases.prolong

    def at_first_away(*given: object, **named: object) -> bool:
        tried.append(named)
        if len(tried) == 1:
            raise UnavailableError("away")
        return prolong(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(leases, "prolong", at_first_away)
    with capture_logs() as logs:
        async with alone_in(gateway, "c1", patience=0.0):
            await until(lambda: len(tried) > 2)
    assert [(line["event"], line["error"]) for line in logs] == [("lease_not_prolonged", "UnavailableError")]
