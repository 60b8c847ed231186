"""A gateway with its jobs and everything around it, each behind a door; and the members who live through faults."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

from aiohttp.test_utils import TestClient, TestServer
from pydantic import SecretStr
from sqlalchemy import event

from actions.services import Services
from bot import jobs
from bot.app import build_app
from bot.channels.deletion import RASA, forgetting
from bot.channels.gateway import Gateway, open_gateway
from bot.channels.mail.sender import mailing
from bot.clock import system_clock
from bot.policy.assistant import Assistant
from bot.policy.documents import load_policy
from tests.support.fault_door import Door
from tests.support.fault_ground import Ground
from tests.support.fault_rasa import FaultyRasa, actions_app
from tests.support.installation import CORPUS
from tests.support.scripted_assistant import ScriptedAssistant
from tests.support.smtp_server import LocalMailServer, mail_server
from tests.support.talking_rasa import TalkingRasa
from tests.support.web_member import Client, web_settings

RASA_SECONDS = 0.8
"""How long Rasa is waited for here: less than a tenth of what it is in production, and so are all other waits."""

_BUSY_MS = 300


@dataclass
class ShiftedClock:
    """The machine's time, as wrong as a test wants it."""

    wrong_by: timedelta = field(default_factory=timedelta)

    def __call__(self) -> datetime:
        return system_clock() + self.wrong_by

    @contextmanager
    def wrong(self, by: timedelta) -> Iterator[None]:
        self.wrong_by = by
        try:
            yield
        finally:
            self.wrong_by = timedelta()


@dataclass
class World:
    """What faults are put into, and what is looked at."""

    ground: Ground
    gateway: Gateway
    client: Client
    clock: ShiftedClock
    rasa: FaultyRasa
    rasa_door: Door
    actions_door: Door
    mail_door: Door
    mail: LocalMailServer
    chance: random.Random

    async def readyz(self) -> tuple[int, dict[str, bool]]:
        """The status, and which checks pass."""
        response = await self.client.get("/readyz")
        return response.status, (await response.json())["checks"]

    async def seconds_until_ready(self) -> float:
        """How long it takes until everything is well again."""
        begun = time.monotonic()
        while (await self.readyz())[0] != 200:  # noqa: ASYNC110 - other processes decide
            await asyncio.sleep(0.05)
        return time.monotonic() - begun


@asynccontextmanager
async def running_world(ground: Ground, folder: Path, chance: random.Random) -> AsyncIterator[World]:
    """Runs web, jobs and all others until the block ends."""
    clock = ShiftedClock()
    with mail_server() as mail:
        doors = [Door(0, delay=2.5 * RASA_SECONDS), Door(0), Door(mail.port, delay=0.3)]
        settings = web_settings(
            ground.url,
            rasa_url=doors[0].url,
            actions_url=doors[1].url,
            smtp_url=SecretStr(f"smtp://127.0.0.1:{doors[2].port}"),
            mail_from="privacy@example.jp",
            staff_mail="desk@example.jp",
            data_dir=folder,
            rasa_timeout=RASA_SECONDS,
            action_deadline=RASA_SECONDS,
        )
        assistant = cast(Assistant, ScriptedAssistant(load_policy(CORPUS, "eparkrelax/privacy"), settings.public_url))
        services = Services(settings, clock=clock, open_assistant=lambda *_: assistant)
        rasa = FaultyRasa(TalkingRasa(settings, services), chance)
        gateway = open_gateway(settings, clock=clock)
        for engine in (gateway.engine, services.engine):
            _hurry(engine)
        rasa_server, actions_server = TestServer(rasa.app()), TestServer(actions_app())
        async with rasa_server, actions_server, TestClient(TestServer(build_app(gateway))) as client:
            doors[0].behind, doors[1].behind = rasa_server.port or 0, actions_server.port or 0
            for door in doors:
                await door.open()
            async with _jobs(gateway):
                yield World(ground, gateway, client, clock, rasa, doors[0], doors[1], doors[2], mail, chance)
            for door in doors:
                await door.close()
        services.engine.dispose()


@asynccontextmanager
async def _jobs(gateway: Gateway) -> AsyncIterator[None]:
    """The jobs process, in this one, with an engine of its own as it has."""
    apart = open_gateway(gateway.settings, clock=gateway.clock)
    _hurry(apart.engine)
    work = asyncio.create_task(jobs.run(apart, lambda _: {RASA: forgetting(apart), **mailing(apart)}))
    try:
        yield
    finally:
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work
        await apart.close()


def _hurry(engine: Any) -> None:  # noqa: ANN401 - SQLAlchemy's engine, whose connections are the driver's
    """A lock is waited for a moment only, instead of seconds."""
    if engine.dialect.name == "sqlite":
        engine.dispose()
        event.listen(engine, "connect", lambda connection, _: connection.execute(f"PRAGMA busy_timeout={_BUSY_MS}"))
