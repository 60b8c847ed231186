"""What filing a request costs beside the least that any register could do: two bare rows in one transaction.

    python -m bench.filing [--rounds 30] [--each 20] [--sqlite-only]

Both run in this process on the same engine with the settings of production, SQLite with synchronous=FULL and
PostgreSQL with fsync on, in turns of a few transactions each, so that whatever else the machine does hits both alike.
A filing is what the confirming press does: it locks the draft, writes request, trail and its head, alert and notice,
and moves the member's words. A bare insert is two rows of the same size in two tables without anything else.
"""

from __future__ import annotations

import argparse
import os
import secrets
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from sqlalchemy import Column, Engine, LargeBinary, MetaData, String, Table, create_engine, insert, text

from bot.storage.engine import open_engine, transaction
from bot.storage.migrate import upgrade
from tests.support.filing_writer import file, keep_draft
from tests.support.postgres import run_server, server_programs

_BARE = MetaData()
_TABLES = [
    Table(name, _BARE, Column("id", String(32), primary_key=True), Column("content", LargeBinary))
    for name in ("bare_request", "bare_event")
]
_CONTENT = secrets.token_bytes(300)
_WARM = 5


def main() -> None:
    """Measures both databases."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--each", type=int, default=20, help="transactions of a sort in a round")
    parser.add_argument("--sqlite-only", action="store_true")
    asked = parser.parse_args()
    place = Path("var/bench")
    place.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place) as folder:
        measure("SQLite", f"sqlite:///{folder}/madoguchi.db", asked.rounds, asked.each)
    if not asked.sqlite_only:
        with _postgresql() as url:
            measure("PostgreSQL", url, asked.rounds, asked.each)


def measure(name: str, url: str, rounds: int, each: int) -> None:
    """Prints both medians, both rates, and what one is of the other."""
    upgrade(url)
    engine = open_engine(url, controller="eparkrelax")
    _BARE.create_all(engine)
    filing: list[float] = []
    bare: list[float] = []
    for place in range(rounds):
        drafts = [keep_draft(engine) for _ in range(each)]
        filings = [partial(file, engine, draft) for draft in drafts]
        bare_ones = [partial(_insert_bare, engine)] * each
        # Neither sort is always the one that comes right after the drafts.
        if place % 2:
            filing += map(_time, filings)
            bare += map(_time, bare_ones)
        else:
            bare += map(_time, bare_ones)
            filing += map(_time, filings)
    engine.dispose()
    kept, least = (statistics.median(times[_WARM:]) for times in (filing, bare))
    print(f"{name}: {len(filing)} filings beside {len(bare)} bare inserts of two rows, {_load()}")
    print(f"  filing      median {kept * 1000:7.2f} ms   {1 / statistics.fmean(filing):7.0f} a second")
    print(f"  two rows    median {least * 1000:7.2f} ms   {1 / statistics.fmean(bare):7.0f} a second")
    print(f"  a filing takes {kept / least:.1f} times as long (medians)")


def _time(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _insert_bare(engine: Engine) -> None:
    with transaction(engine) as session:
        for table in _TABLES:
            session.execute(insert(table).values(id=secrets.token_hex(16), content=_CONTENT))


@contextmanager
def _postgresql() -> Iterator[str]:
    programs = server_programs()
    if programs is None:
        raise SystemExit("bench: PostgreSQL's server programs are not installed (make system-deps)")
    with run_server(programs, durable=True) as url:
        engine = create_engine(url)
        with engine.connect() as connection:
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                assert connection.scalar(text(f"SHOW {setting}")) == "on"
        engine.dispose()
        yield url


def _load() -> str:
    return f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"


if __name__ == "__main__":
    main()
