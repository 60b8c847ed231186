"""Every fault of the table, at random moments: nothing is acknowledged that is not kept, nothing lost, nothing doubled.

`make faults` leads 1,020 members through them. The short form leads one through each.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import AsyncIterator, Collection, Iterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
import pytest_asyncio
from _pytest.mark import ParameterSet
from structlog.testing import capture_logs

from bot.channels import gateway as gateways
from bot.channels import turn_leases
from bot.channels.mail import sender as mail_sender
from bot.clock import system_clock
from bot.register.check import contradictions
from bot.storage import patient
from bot.storage.engine import reading
from tests.support.fault_ground import postgres_ground, sqlite_ground
from tests.support.fault_lives import RECOVERY_SECONDS, Count, Life, live
from tests.support.fault_table import BOTH, FAULTS, Fault, Reads
from tests.support.fault_world import RASA_SECONDS, World, running_world
from tests.support.postgres import server_programs

LIVES = int(os.environ.get("MADOGUCHI_PROOF_FAULTS", "1"))

pytestmark = pytest.mark.timeout(600 + 60 * LIVES)


@pytest.fixture(scope="module")
def _short_waits() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gateways, "_STATEMENT_SECONDS", RASA_SECONDS)
        patch.setattr(patient, "_CONNECT_SECONDS", 2)
        patch.setattr(mail_sender, "_TIMEOUT_SECONDS", RASA_SECONDS)
        patch.setattr(turn_leases, "LEASE_SECONDS", RASA_SECONDS + 3.0)
        # What fails logs long tracebacks, whose rendering within the event loop would be a fault of its own.
        with capture_logs():
            yield


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sqlite_world(
    _short_waits: None, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    with sqlite_ground(sqlite_template) as ground:
        async with running_world(ground, tmp_path_factory.mktemp("sqlite"), random.Random("sqlite")) as world:  # noqa: S311 - as below
            yield world


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def postgresql_world(_short_waits: None, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    programs = server_programs()
    if programs is None:
        pytest.skip("PostgreSQL's server programs are not installed: `make system-deps` does")
    with postgres_ground(programs) as ground:
        async with running_world(ground, tmp_path_factory.mktemp("postgres"), random.Random("postgresql")) as world:  # noqa: S311 - the same moments each time
            yield world


def rows() -> list[ParameterSet]:
    marks: dict[str, Collection[pytest.MarkDecorator]] = {"sqlite": (), "postgresql": (pytest.mark.postgres,)}
    return [
        pytest.param(fault, database, marks=marks[database], id=f"{database}-{fault.name.replace(' ', '-')}")
        for database in BOTH
        for fault in FAULTS
        if database in fault.databases
    ]


@pytest.fixture
def world(request: pytest.FixtureRequest) -> World:
    """The one on this database, which all rows share."""
    running: World = request.getfixturevalue(f"{request.param}_world")
    return running


@pytest.mark.parametrize(("fault", "world"), rows(), indirect=["world"])
@pytest.mark.asyncio(loop_scope="module")
async def test_members_live_through_it(fault: Fault, world: World, capsys: pytest.CaptureFixture[str]) -> None:
    count = Count()
    for _ in range(LIVES):
        life = await live(world, fault)
        if fault.name.startswith("the mail server"):
            await expect_mailed(world, life)
        await asyncio.to_thread(count.add, world, life)
    await asyncio.to_thread(expect_no_contradiction, world, fault)
    with capsys.disabled():
        print(f"\n{fault.name}: {count}")  # noqa: T201 - a proof tells its figures
    assert (count.false, count.lost, count.doubled) == (0, 0, 0)
    assert count.receipts == count.lives == LIVES
    assert count.longest <= RECOVERY_SECONDS
    assert fault.reads is Reads.NOTHING or LIVES == 1 or count.struck


async def expect_mailed(world: World, life: Life) -> None:
    """The desk hears of the request as soon as its mail server takes mails again."""
    (number,) = life.told
    async with asyncio.timeout(RECOVERY_SECONDS):
        while not any(number in text_of(mail) for mail in world.mail.mails):  # noqa: ASYNC110 - a thread takes them
            await asyncio.sleep(0.05)


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return f"{mail['Subject']}\n{body.get_content()}"


def expect_no_contradiction(world: World, fault: Fault) -> None:
    # What a wrong clock wrote stands as it was written: the order of its moments tells of it.
    now = system_clock() - timedelta(days=2 if "clock" in fault.name else 0)
    with reading(world.gateway.engine) as session:
        assert contradictions(session, now=now) == []
