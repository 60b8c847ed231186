"""Every list of the staff's console at 100,000 requests and 1,000,000 turns, over HTTP against the real process.

    python -m bench.console_lists [--requests 100000] [--turns 1000000] [--postgresql] [--times 200]

Fills a database of its own, starts `python -m bot.console` on it, logs an officer and an administrator in, and asks
every list route with its filters, page after page. Prints median and 95th percentile of each route with the memory of
the process, and writes the same as a table to `var/bench/console_lists_<database>.md`. Exit status 1 when a route is
slower than its bar: 300 ms at the 95th percentile on PostgreSQL, 500 ms on SQLite.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from itertools import cycle, islice
from pathlib import Path

import aiohttp
import psutil
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from bench.console_data import Size, counted, fill
from bench.queue import COMPANY
from bot.console.app import ROUTES
from bot.register.kinds import FILED_KINDS
from bot.settings import PREFIX
from bot.staff.accounts import NewAccount, invite
from bot.staff.roles import RIGHTS_OF, Right, Role
from bot.staff.sessions import open_session
from bot.storage.encryption import Vault
from bot.storage.engine import open_engine, transaction
from bot.storage.migrate import upgrade
from tests.support.postgres import run_server, server_programs

_KEYS = {"ENCRYPTION_KEY": b"e" * 32, "HASH_KEY": b"h" * 32}
_VAULT = Vault(*_KEYS.values())
_FOLDER = Path("var/bench")
_START_SECONDS = 300
_PORT = 18081
_BARS = {"postgresql": 300.0, "sqlite": 500.0}
_ONWARD = re.compile(r'href="([^"]*[?&]after=[^"]+)"')
_PAGES = 4

_REQUESTS = (
    *("", "group=all", "group=over", "group=notified", "assignee=mine", "assignee=nobody", "due=overdue", "due=7"),
    *("urgent=1", "without_contact=1", "second_person=1", "replied=1"),
    *(f"group=all&kind={kind}" for kind in FILED_KINDS[:4]),
)
_TALKS = (
    *("", "channel=line", "channel=slack", "review=open", "review=improve", "period=1", "period=7"),
    *("missed=1", "low=1", "disliked=1", "receipt=1", "missed=1&disliked=1", "channel=line&low=1&review=improve"),
)
_AUDIT = (
    *("", "actor=staff:aya", "actor=system", "action=session:opened", "sort=request", "sort=talk"),
    *("since=2026-11-01", "since=2026-01-01&until=2026-02-01", "actor=staff:aya&sort=talk"),
)
_VARIANTS: dict[str, Sequence[str]] = {"/requests": _REQUESTS, "/talks": _TALKS, "/audit": _AUDIT}
# What is a form, an entry or a check of everything is no list.
_NO_LISTS = frozenset({"/account", "/entry", "/policies/import", "/audit/files", "/export"})


@dataclass(frozen=True)
class Measured:
    """What asking one route took, in milliseconds."""

    path: str
    took: Sequence[float]

    @property
    def median(self) -> float:
        """Half of the answers came sooner."""
        return statistics.median(self.took)

    @property
    def p95(self) -> float:
        """Nineteen of twenty answers came sooner."""
        return sorted(self.took)[max(0, round(len(self.took) * 0.95) - 1)]


def lists() -> dict[str, Right]:
    """Every route that shows a list, with its right: a GET of those who are logged in, without an id in its path."""
    found = {route.path: route.right for route in ROUTES if route.method == "GET" and route.right is not None}
    return {path: right for path, right in found.items() if "{" not in path and path not in _NO_LISTS}


def main() -> int:
    """Fills, measures, prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--turns", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=200, help="how often each route is asked")
    parser.add_argument("--postgresql", action="store_true", help="on a PostgreSQL of its own instead of SQLite")
    given = parser.parse_args()
    size = Size(given.requests, given.turns, staff_events=given.requests)
    with _database(is_postgresql=given.postgresql) as url:
        return _run(url, size, given.times)


@contextmanager
def _database(*, is_postgresql: bool) -> Iterator[str]:
    if is_postgresql:
        programs = server_programs()
        if programs is None:
            raise SystemExit("PostgreSQL's server programs are not installed: `make system-deps` does")
        with run_server(programs) as url:
            yield url
        return
    _FOLDER.mkdir(parents=True, exist_ok=True)
    file = _FOLDER / "console_lists.db"
    for left in _FOLDER.glob(file.name + "*"):
        left.unlink()
    yield f"sqlite:///{file}"
    file.unlink()


def _run(url: str, size: Size, times: int) -> int:
    upgrade(url)
    engine = open_engine(url, controller=COMPANY, patience=60)
    begun = time.monotonic()
    fill(engine, size, vault=_VAULT, now=datetime.now(UTC))
    print(f"{engine.dialect.name}: {counted(engine)}, filled in {time.monotonic() - begun:.0f} s", flush=True)
    cookies = {role: _signed_in(engine, role) for role in (Role.OFFICER, Role.ADMIN)}
    with _console(url) as (address, process):
        before = _resident(process)
        measured = asyncio.run(_measure(address, cookies, times))
        after = _resident(process)
    bar = _BARS[engine.dialect.name]
    report = (
        _table(measured, bar) + f"\nResident memory of the process: {before:.0f} MB at first, {after:.0f} MB after.\n"
    )
    print(report)
    (_FOLDER / f"console_lists_{engine.dialect.name}.md").write_text(report, "utf-8")
    engine.dispose()
    return int(any(one.p95 > bar for one in measured))


def _resident(process: psutil.Process) -> float:
    return float(process.memory_info().rss) / 1e6


def _signed_in(engine: Engine, role: Role) -> str:
    def log_in(session: Session) -> str:
        now = datetime.now(UTC)
        new = NewAccount(f"bench-{role}", f"見本 {role}", f"{role}@example.jp", role, sees_sensitive=True)
        account = invite(session, new, controller=COMPANY, by="bench", now=now)
        return open_session(session, account, opened_by="bench", agent="bench", now=now)

    with transaction(engine) as session:
        return log_in(session)


@contextmanager
def _console(url: str) -> Iterator[tuple[str, psutil.Process]]:
    own = {"DATABASE_URL": url, "CONSOLE_PORT": str(_PORT), "INTERNAL_TOKEN": "bench"}
    own |= {name: base64.b64encode(key).decode() for name, key in _KEYS.items()}
    environment = os.environ | {PREFIX + name: value for name, value in own.items()}
    started = subprocess.Popen([sys.executable, "-m", "bot.console"], env=environment)
    try:
        address = f"http://127.0.0.1:{_PORT}"
        asyncio.run(_wait(address, started))
        yield address, psutil.Process(started.pid)
    finally:
        started.terminate()
        started.wait(60)


async def _wait(address: str, started: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    async with aiohttp.ClientSession() as client:
        while time.monotonic() < deadline and started.poll() is None:
            try:
                async with client.get(f"{address}/healthz"):
                    return
            except aiohttp.ClientError:
                await asyncio.sleep(0.1)
    raise SystemExit("the console did not start")


async def _measure(address: str, cookies: dict[Role, str], times: int) -> list[Measured]:
    measured: list[Measured] = []
    for path, right in lists().items():
        role = Role.OFFICER if right in RIGHTS_OF[Role.OFFICER] else Role.ADMIN
        async with aiohttp.ClientSession(address, cookies={"console": cookies[role]}) as client:
            measured.append(await _measure_list(client, path, times))
            print(f"{path:<24} p50 {measured[-1].median:7.1f} ms  p95 {measured[-1].p95:7.1f} ms", flush=True)
    return measured


async def _measure_list(client: aiohttp.ClientSession, path: str, times: int) -> Measured:
    addresses = await _addresses(client, path)
    took: list[float] = []
    for address in islice(cycle(addresses), max(times, len(addresses))):
        begun = time.perf_counter()
        await _text(client, address)
        took.append((time.perf_counter() - begun) * 1000)
    return Measured(path, took)


async def _addresses(client: aiohttp.ClientSession, path: str) -> list[str]:
    """Every filter's first pages: asked once beforehand, so that the way on is known."""
    found: list[str] = []
    for query in _VARIANTS.get(path, ("",)):
        address = f"{path}?{query}" if query else path
        for _ in range(_PAGES):
            found.append(address)
            onward = _ONWARD.search(await _text(client, address))
            if onward is None:
                break
            address = unescape(onward.group(1))
    return found


async def _text(client: aiohttp.ClientSession, address: str) -> str:
    async with client.get(address, allow_redirects=False) as response:
        text = await response.text()
        if response.status != 200:
            raise SystemExit(f"{address} answers {response.status}: {text[-600:]}")
        return text


def _table(measured: Sequence[Measured], bar: float) -> str:
    rows = [f"| `{one.path}` | {len(one.took)} | {one.median:.0f} | {one.p95:.0f} |" for one in measured]
    head = f"| list | asked | p50 ms | p95 ms (bar {bar:.0f}) |\n| --- | --- | --- | --- |\n"
    return head + "\n".join(rows) + "\n"


if __name__ == "__main__":
    raise SystemExit(main())
