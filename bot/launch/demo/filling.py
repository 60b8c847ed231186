"""Fills a demo's database once: people, requests and conversations, all made up, all through the real services."""

from __future__ import annotations

import asyncio
import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, make_url

from actions.services import Services
from bot.channels.counting import Counting
from bot.channels.gateway import open_gateway
from bot.clock import Clock, system_clock
from bot.errors import BadInputError
from bot.launch.demo.moving_clock import MovingClock
from bot.launch.demo.people import add_people
from bot.launch.demo.releases import tell_releases, tell_runs
from bot.launch.demo.requests import Desk, tell_requests
from bot.launch.demo.talks import Ask, Talker, tell_talks
from bot.policy.assistant import Assistant, open_assistant
from bot.settings import Settings
from bot.storage import migrate
from bot.storage.engine import transaction
from bot.storage.models import Outbound

_SEED = 20261126
_TALKS = 300
_BEGINNING = timedelta(days=60)

Say = Callable[[str], None]


@dataclass(frozen=True)
class Amount:
    """How much is made up, and what answers; a test takes less, and answers by itself."""

    talks: int = _TALKS
    ask: Ask | None = None


def ensure_filled(settings: Settings, *, say: Say, clock: Clock = system_clock, amount: Amount = Amount()) -> bool:
    """Makes the demo's database unless it is there; half of one is never there, since it is renamed when it is whole.

    Returns:
        Whether it was made now.

    Raises:
        BadInputError: the settings are of no demo, or name another database than a file.
    """
    file = database_file(settings)
    if file.exists():
        return False
    fresh = file.with_suffix(".new.db")
    for left in fresh.parent.glob(fresh.name + "*"):
        left.unlink()
    file.parent.mkdir(parents=True, exist_ok=True)
    _fill(settings.model_copy(update={"database_url": f"sqlite:///{fresh}"}), clock(), amount, say)
    fresh.replace(file)
    return True


def database_file(settings: Settings) -> Path:
    """Where the demo's database lies.

    Raises:
        BadInputError: as `ensure_filled`.
    """
    url = make_url(settings.database_url)
    if not settings.demo:
        raise BadInputError("MADOGUCHI_DEMO is not set: made-up data go into a demo only")
    if url.get_backend_name() != "sqlite" or not url.database:
        raise BadInputError("a demo keeps its data in a file of SQLite")
    return Path(url.database)


def copy_folder(origin: Path, copy: Path) -> None:
    """Gives the demo its own copy of what its users may change; one that is there stays as they left it."""
    if not copy.exists() and origin.exists():
        fresh = copy.with_name(copy.name + ".new")
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.copytree(origin, fresh)
        fresh.replace(copy)


def _fill(settings: Settings, until: datetime, amount: Amount, say: Say) -> None:
    migrate.upgrade(settings.database_url)
    clock = MovingClock(until - _BEGINNING)
    gateway = open_gateway(settings, clock=clock)
    services = Services(settings, clock=clock)
    try:
        with transaction(gateway.engine) as session:
            add_people(session, gateway.controller, now=clock())
        assistant, ask = None, amount.ask
        if ask is None:
            assistant = _assistant(settings, say)
            ask = assistant.answer
        talker = Talker(gateway, clock, random.Random(_SEED), ask)  # noqa: S311 - nothing secret hangs on it
        filed = tell_requests(Desk(talker, services, until))
        say(f"demo: {filed} requests")
        tell_talks(talker, amount.talks, until=until)
        say(f"demo: {amount.talks} conversations")
        clock.now = until
        asyncio.run(Counting(gateway).sweep())
        if assistant is not None:
            say(f"demo: {tell_runs(talker, assistant, until=until)} regression runs")
        tell_releases(talker, until=until)
        with transaction(gateway.engine) as session:
            # A demo sends nothing, so that nothing waits to be sent either.
            session.execute(delete(Outbound))
    finally:
        services.engine.dispose()
        gateway.receiving.shutdown()
        gateway.engine.dispose()


def _assistant(settings: Settings, say: Say) -> Assistant:
    say("demo: opening the policy")
    return open_assistant(settings)
