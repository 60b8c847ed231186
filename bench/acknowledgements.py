"""Times how soon a webhook is acknowledged at 50 events a second: `make bench-acks`.

A real `web` process gets signed events of LINE and Slack, in turns, from many members, at a fixed pace that does not
wait for answers. An event's time counts from the moment it was to be sent, so that a queue in front of the process
counts too. Measured with Rasa running (a stand-in that takes 80 ms a turn) and with Rasa stopped. Prints p50, p95, p99
and the longest, and how much of a processor one event cost; fails when p99 is over 500 ms or an event was refused.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from sqlalchemy import func, select

from bot.storage.engine import open_engine, transaction
from bot.storage.migrate import upgrade
from bot.storage.models import Inbound
from tests.support.postgres import run_server, server_programs
from tests.support.signed_senders import Event, line_text, slack_text
from tests.support.stand_ins import Rasa, platforms
from tests.support.web_process import WebProcess, platform_urls

PER_SECOND = 50
BOUND_MS = 500.0
MEMBERS = 600
RASA_SECONDS = 0.08


@dataclass(frozen=True)
class Run:
    """What one minute of sending showed."""

    milliseconds: Sequence[float]
    refused: int
    processor_ms: float
    answered: int

    @property
    def p99(self) -> float:
        """Milliseconds within which 99 of 100 were acknowledged."""
        return statistics.quantiles(self.milliseconds, n=100)[-1]


def main() -> None:
    """Measures with Rasa running and stopped, prints, and fails over the bound."""
    options = _options()
    with _database(postgresql=options.postgresql) as (folder, url):
        upgrade(url)
        runs = asyncio.run(_measure(folder, url, options.seconds))
    _print(runs)
    if any(run.p99 > BOUND_MS or run.refused for run in runs.values()):
        sys.exit(f"an event was acknowledged later than {BOUND_MS:.0f} ms at p99, or refused")


async def _measure(folder: Path, database_url: str, seconds: int) -> dict[str, Run]:
    rasa = Rasa(seconds=RASA_SECONDS)
    with platforms() as platform:
        web = WebProcess(
            folder,
            database_url=database_url,
            rasa_url=rasa.url,
            **platform_urls(f"{platform}/line", f"{platform}/slack"),
        )
        rasa.start()
        await web.start()
        try:
            await _send(web, database_url, 0, seconds=2)
            running = await _send(web, database_url, 1, seconds=seconds)
            rasa.stop()
            stopped = await _send(web, database_url, 2, seconds=seconds)
        finally:
            rasa.stop()
            await web.stop()
    return {"Rasa running": running, "Rasa stopped": stopped}


async def _send(web: WebProcess, database_url: str, minute: int, *, seconds: int) -> Run:
    before = web.processor_seconds()
    events = [_event(minute, number) for number in range(seconds * PER_SECOND)]
    begin = asyncio.get_running_loop().time() + 0.5
    timeout, unbounded = aiohttp.ClientTimeout(total=60), aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(web.url, timeout=timeout, connector=unbounded) as session:
        sent = (_sent(session, event, begin + number / PER_SECOND) for number, event in enumerate(events))
        times = await asyncio.gather(*sent)
    spent = (web.processor_seconds() - before) / len(events)
    taken = [taken for taken in times if taken is not None]
    return Run(taken, len(times) - len(taken), spent * 1000, await asyncio.to_thread(_answered, database_url, minute))


async def _sent(session: aiohttp.ClientSession, event: Event, due: float) -> float | None:
    """Milliseconds from the moment it was due to its acknowledgement; None when it was refused."""
    loop = asyncio.get_running_loop()
    await asyncio.sleep(due - loop.time())
    try:
        async with session.post(event.path, data=event.body, headers=event.headers()) as answer:
            return (loop.time() - due) * 1000 if answer.ok else None
    except (aiohttp.ClientError, TimeoutError):
        return None


def _event(minute: int, number: int) -> Event:
    channel = line_text if number % 2 else slack_text
    # Slack knows a message by its moment, so that no two of a member have the same.
    member, place = f"U{number % MEMBERS}", minute * 3_600_000 + int(number * 1000 / PER_SECOND)
    return channel(f"質問{number}です。", event_id=f"{minute}-{number}", user=member, place=place)


def _answered(database_url: str, minute: int) -> int:
    engine = open_engine(database_url, controller="eparkrelax")
    done = select(func.count()).where(Inbound.event_id.startswith(f"{minute}-"), Inbound.state == "done")
    with transaction(engine) as session:
        answered = session.scalar(done) or 0
    engine.dispose()
    return answered


def _print(runs: dict[str, Run]) -> None:
    print(f"{PER_SECOND} events a second; load of the machine at the end: {os.getloadavg()[0]:.1f}")
    print(
        f"{'':<14}{'events':>8}{'p50 ms':>8}{'p95 ms':>8}{'p99 ms':>8}{'max ms':>8}{'refused':>9}{'answered':>10}",
        end="",
    )
    print(f"{'CPU ms an event':>17}")
    for name, run in runs.items():
        cuts = statistics.quantiles(run.milliseconds, n=100)
        figures = (cuts[49], cuts[94], run.p99, max(run.milliseconds))
        print(f"{name:<14}{len(run.milliseconds):>8}" + "".join(f"{figure:>8.0f}" for figure in figures), end="")
        print(f"{run.refused:>9}{run.answered:>10}{run.processor_ms:>17.1f}")


@contextmanager
def _database(*, postgresql: bool) -> Iterator[tuple[Path, str]]:
    with tempfile.TemporaryDirectory() as folder:
        if not postgresql:
            yield Path(folder), f"sqlite:///{folder}/madoguchi.db"
            return
        programs = server_programs()
        if programs is None:
            sys.exit("PostgreSQL's server programs are not installed: `make system-deps` does")
        with run_server(programs) as url:
            yield Path(folder), url


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=60, help="how long to send, each time (default: 60)")
    parser.add_argument("--postgresql", action="store_true", help="on a PostgreSQL server of its own, not SQLite")
    return parser.parse_args()


if __name__ == "__main__":
    main()
