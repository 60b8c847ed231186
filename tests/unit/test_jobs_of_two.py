"""The jobs of two companies in one process: each in rounds of its own, and once for both what holds what both have."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from bot import jobs
from bot.channels.delivery import Notice, Sender
from bot.channels.gateway import Gateway, open_gateways
from bot.channels.metrics import registry_of
from bot.clock import system_clock
from bot.register.digests.comparing import broken_by_digests
from bot.register.digests.files import read_digest
from bot.register.digests.folder import Folder, digest_files, open_folder
from bot.register.drafts import open_draft
from bot.register.filing import file_draft
from bot.register.kinds import Kind
from bot.register.models import Request
from bot.storage import conversations, key_destruction
from bot.storage.beats import last_beats
from bot.storage.encryption import Vault
from bot.storage.engine import reading, transaction
from bot.storage.models import Lease
from bot.storage.outbox import enqueue
from bot.storage.own_rows import across, open_own_engine
from bot.storage.period_keys import PeriodKeys
from tests.support.two_controllers import FIRST, SECOND, both_settings

Both = tuple[Gateway, ...]


@pytest.fixture
async def both(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Both]:
    monkeypatch.setattr(jobs, "_ROUND_SECONDS", 0.02)
    (tmp_path / "digests").mkdir()
    key = SecretStr(base64.b64encode(b"d" * 32).decode())
    served = both_settings(tmp_path, database_url, digests_dir=tmp_path / "digests", digest_key=key)
    gateways = open_gateways(served)
    for gateway in gateways:
        _prepare(gateway)
    yield gateways
    for gateway in gateways:
        await gateway.close()


def _prepare(gateway: Gateway) -> None:
    """A request, and a notice that waits."""
    now = system_clock()
    with transaction(gateway.engine) as session:
        draft = open_draft(
            session,
            controller=gateway.controller,
            conversation_id=None,
            channel="web",
            kinds=(Kind.DISCLOSURE,),
            scope=None,
            words=None,
            vault=gateway.vault,
            now=now,
        )
        file_draft(session, draft, now=now, vault=gateway.vault)
        enqueue(
            session,
            controller=gateway.controller,
            channel="test",
            recipient="r",
            kind="x",
            body={"of": gateway.controller},
            dedupe_key=f"x:{gateway.controller}",
            now=now,
        )


def test_each_has_a_lease_and_steps_of_its_own_and_the_first_the_installations(both: Both) -> None:
    first, second = both
    assert [each.lease_of("jobs") for each in both] == [f"{FIRST}/jobs", f"{SECOND}/jobs"]
    assert jobs._steps(first).keys() - jobs._steps(second).keys() == {"digests"}
    assert not jobs._steps(second).keys() - jobs._steps(first).keys()


async def test_both_are_worked_for_at_once_and_each_sends_its_own(both: Both) -> None:
    sent: list[tuple[str, str]] = []

    def senders(gateway: Gateway) -> dict[str, Sender]:
        async def send(notice: Notice) -> None:
            sent.append((gateway.controller, notice.body["of"]))

        return {"test": send}

    def is_held(gateway: Gateway) -> bool:
        with reading(gateway.engine) as session:
            return session.get(Lease, gateway.lease_of("jobs")) is not None

    def is_done() -> bool:
        return len(sent) == len(both) and all(is_held(each) and "turns" in _beats(each) for each in both)

    work = asyncio.gather(*(jobs.run(gateway, senders) for gateway in both))
    async with asyncio.timeout(60):
        while not is_done():  # noqa: ASYNC110 - the database is what is waited for
            await asyncio.sleep(0.01)
    work.cancel()
    with suppress(asyncio.CancelledError):
        await work
    assert sorted(sent) == [(FIRST, FIRST), (SECOND, SECOND)]
    assert "digests" in _beats(both[0])
    assert "digests" not in _beats(both[1])


def _beats(gateway: Gateway) -> set[str]:
    with reading(gateway.engine) as session:
        return set(last_beats(session, gateway.controller))


async def test_one_digest_holds_the_trails_of_both(both: Both) -> None:
    await jobs._steps(both[0])["digests"]()
    folder = open_folder(both[0].settings)
    assert isinstance(folder, Folder)
    (file,) = digest_files(folder.place)
    chains = {head.chain for head in read_digest(file.read_bytes(), folder.keys).changed}
    for gateway in both:
        with reading(gateway.engine) as session:
            assert set(session.scalars(select(Request.id))) < chains
    # Neither company's look at it misses the other's requests in the rows that it sees of its own.
    with reading(across(both[1].engine)) as session:
        for gateway in both:
            found = broken_by_digests(
                session, folder.place, folder.keys, now=system_clock(), controller=gateway.controller
            )
            assert list(found) == []


def test_the_jobs_figures_name_the_controller(both: Both) -> None:
    for gateway, times in zip(both, (1, 2), strict=True):
        gateway.metrics.sent.labels("mail", "sent").inc(times)
    shown = registry_of({gateway.controller: gateway.metrics.registry for gateway in both})
    labels = {"channel": "mail", "outcome": "sent"}
    named = [{**labels, "controller": name} for name in (FIRST, SECOND)]
    counted = [shown.get_sample_value("madoguchi_sent_total", each) for each in named]
    assert counted == [1.0, 2.0]
    assert registry_of({FIRST: both[0].metrics.registry}) is both[0].metrics.registry


def test_a_days_key_stays_as_long_as_any_company_needs_it(database_url: str, tmp_path: Path) -> None:
    """A key is destroyed for good, and a company's engine finds its own rows only: so it is asked past the models."""
    (tmp_path / "keys").mkdir()
    first, second = both_settings(tmp_path, database_url, period_keys_dir=tmp_path / "keys")
    vault = Vault.from_settings(second)
    engine = open_own_engine(second)
    with transaction(engine) as session:
        sender = conversations.Sender(SECOND, "line", "U1")
        conversations.add_member(session, sender, vault=vault, now=system_clock())
    engine.dispose()
    keys = PeriodKeys(tmp_path / "keys", vault.keyring, lambda: system_clock() + timedelta(days=30))
    assert {key.table for key in keys.look()} == {"member"}
    engine = open_own_engine(first)
    assert key_destruction.unused(engine, keys) == []
    assert key_destruction.destroy(engine, keys, *keys.look()) == []
    engine.dispose()
