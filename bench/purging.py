"""How long filing takes while the jobs purge beside it, and while they do not: the 99th percentile may rise by a fifth.

    python -m bench.purging [--seconds 20] [--rounds 2] [--requests 1500] [--rows 20000] [--rate 25] [--postgresql]

One process files at a steady rate, as many people do who do not know of each other; another one purges, as the jobs do
it, what is over: requests with all that hangs on them, and rows of inbox and outbox. Quiet stretches and stretches with
the purge take turns, so that whatever else the machine does hits both alike.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import random
import secrets
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from multiprocessing.synchronize import Event
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from sqlalchemy import Engine, func, insert, select

from bot.channels.forgetting.rooms import rooms_of
from bot.channels.forgetting.running import Forgetting
from bot.channels.gateway import Gateway
from bot.register.models import Request
from bot.settings import Settings
from bot.storage.encryption import Vault
from bot.storage.engine import open_engine, transaction
from bot.storage.migrate import upgrade
from bot.storage.models import Inbound, Outbound
from tests.support.filing_writer import file, keep_draft
from tests.support.kept_requests import COMPANY, Case
from tests.support.postgres import run_server, server_programs

_REDRAWINGS = 1000
_LONG_AGO = timedelta(days=1200)


def main() -> None:
    """Measures one database."""
    asked = _asked()
    place = Path("var/bench")
    place.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place) as folder, _url(Path(folder), postgresql=asked.postgresql) as url:
        upgrade(url)
        engine = open_engine(url, controller=COMPANY)
        _fill(engine, asked.requests, asked.rows)
        quiet: list[float] = []
        beside: list[float] = []
        for _ in range(asked.rounds):
            quiet += _file(engine, asked.seconds, asked.rate)
            with _purging(url):
                beside += _file(engine, asked.seconds, asked.rate)
        _tell("PostgreSQL" if asked.postgresql else "SQLite", quiet, beside, _purged(engine))
        engine.dispose()


def _tell(name: str, quiet: list[float], beside: list[float], purged: str) -> None:
    print(f"{name}: {len(quiet)} filings each way, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; {purged}")
    for title, times in (("alone", quiet), ("beside a purge", beside)):
        print(f"  {title:<15} median {statistics.median(times) * 1e3:6.2f} ms   p99 {_p99(times) * 1e3:6.2f} ms")
    low, high = _interval(quiet, beside)
    print(f"  p99 rises by {_rise(quiet, beside):+.0f} % (of redrawn samples 95 % by {low:+.0f} to {high:+.0f} %)")


def _rise(quiet: list[float], beside: list[float]) -> float:
    return (_p99(beside) / _p99(quiet) - 1) * 100


def _interval(quiet: list[float], beside: list[float]) -> tuple[float, float]:
    # A 99th percentile hangs on a handful of samples: without its spread a rise says little.
    chance = random.Random(0)  # noqa: S311 - nothing secret is drawn
    drawn = [
        _rise(chance.choices(quiet, k=len(quiet)), chance.choices(beside, k=len(beside))) for _ in range(_REDRAWINGS)
    ]
    cuts = statistics.quantiles(drawn, n=40)
    return cuts[0], cuts[-1]


def _p99(times: list[float]) -> float:
    return statistics.quantiles(times, n=100)[98]


def _file(engine: Engine, seconds: float, rate: float) -> list[float]:
    drafts = [keep_draft(engine) for _ in range(int(seconds * rate))]
    began, times = time.perf_counter(), []
    for number, draft in enumerate(drafts):
        time.sleep(max(0.0, began + number / rate - time.perf_counter()))
        asked_at = time.perf_counter()
        file(engine, draft)
        times.append(time.perf_counter() - asked_at)
    return times


@contextmanager
def _purging(url: str) -> Iterator[None]:
    spawned = multiprocessing.get_context("spawn")
    is_ready = spawned.Event()
    process = spawned.Process(target=_purge, args=(url, is_ready))
    process.start()
    is_ready.wait(120)  # importing is no part of what is measured
    try:
        yield
    finally:
        process.terminate()
        process.join()


def _purge(url: str, is_ready: Event) -> None:
    settings = Settings(_env_file=None, mode="trial")
    gateway = SimpleNamespace(
        engine=open_engine(url, controller=COMPANY),
        controller=COMPANY,
        clock=lambda: datetime.now(UTC),
        settings=settings,
    )
    forgetting = Forgetting(cast("Gateway", gateway), rooms_of(settings, COMPANY))

    async def work() -> None:
        while True:
            await forgetting.sweep()
            await asyncio.sleep(0.1)

    _prepare(gateway.engine)
    is_ready.set()
    asyncio.run(work())


def _prepare(engine: Engine) -> None:
    with transaction(engine) as session:
        session.scalar(select(func.count()).select_from(Request))


def _fill(engine: Engine, requests: int, rows: int) -> None:
    vault, then = Vault(b"e" * 32, b"h" * 32), datetime.now(UTC) - _LONG_AGO
    for number in range(requests):
        with transaction(engine) as session:
            case = Case(session, vault, then, f"K{number:06d}")
            case.withdrawn() if number % 10 else case.whole()
    common = {"controller": COMPANY, "channel": "web", "due_at": then}
    with transaction(engine) as session:
        inbox: list[dict[str, Any]] = [
            {"id": secrets.token_hex(16), "event_id": str(number), "body_hash": "0" * 64, "state": "deleted"}
            | {"occurred_at": then, "received_at": then, "done_at": then, "attempts": 1, **common}
            for number in range(rows)
        ]
        outbox: list[dict[str, Any]] = [
            {"id": secrets.token_hex(16), "recipient": "member", "kind": "tried", "body": {}, "state": "sent"}
            | {"dedupe_key": f"bench:{number}", "created_at": then, "sent_at": then, "attempts": 1, **common}
            for number in range(rows)
        ]
        session.execute(insert(Inbound), inbox)
        session.execute(insert(Outbound), outbox)


def _purged(engine: Engine) -> str:
    with transaction(engine) as session:
        requests = session.scalar(select(func.count()).where(Request.purged_at.is_not(None)))
        left = session.scalar(select(func.count()).select_from(Inbound).where(Inbound.state == "deleted"))
    return f"{requests} requests emptied beside them, {left} rows of the inbox left"


@contextmanager
def _url(folder: Path, *, postgresql: bool) -> Iterator[str]:
    if not postgresql:
        yield f"sqlite:///{folder}/madoguchi.db"
        return
    programs = server_programs()
    if programs is None:
        raise SystemExit("PostgreSQL's server programs are not installed")
    with run_server(programs, durable=True) as url:
        yield url


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20, help="of one stretch")
    parser.add_argument("--rounds", type=int, default=2, help="stretches of each sort")
    parser.add_argument("--requests", type=int, default=1500, help="that are over")
    parser.add_argument("--rows", type=int, default=20000, help="of inbox and outbox that are over")
    parser.add_argument("--rate", type=float, default=25, help="filings a second")
    parser.add_argument("--postgresql", action="store_true", help="on a PostgreSQL server of its own, not SQLite")
    return parser.parse_args()


if __name__ == "__main__":
    main()
