"""The grown layout under load: a process of each kind dies or is restarted, and no turn is lost, doubled or refused."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import psutil
import pytest

from tests.support.grown_load import Load, Turn
from tests.support.grown_product import GrownProduct, grown_product
from tests.support.postgres import server_programs
from tests.support.waiting import until

pytestmark = [
    pytest.mark.stack,
    pytest.mark.postgres,
    pytest.mark.timeout(5400),
    pytest.mark.skipif(shutil.which("haproxy") is None, reason="haproxy is not installed: `make system-deps`"),
    pytest.mark.skipif(
        psutil.virtual_memory().total < 12e9, reason="eleven processes, of which three Rasas, take 8 GB of memory"
    ),
]

IS_LONG = bool(os.environ.get("MADOGUCHI_PROOF_GROWN"))
MEMBERS, PAUSE = (6, 2.0) if IS_LONG else (3, 1.0)
# Under load before a fault, and again after everything is as it was.
BEFORE_SECONDS, AFTER_SECONDS = (20.0, 20.0) if IS_LONG else (5.0, 5.0)
TIMES = 3 if IS_LONG else 1
_ON_THEIR_WAY = MEMBERS // 3


@dataclass(frozen=True)
class Figure:
    """What a fault did to those who were at it."""

    name: str
    turns: list[Turn]
    whole_seconds: float

    def line(self) -> str:
        longest = max((turn.seconds for turn in self.turns), default=0.0)
        refused = sum(turn.refused > 0 for turn in self.turns)
        told = sum(turn.apologies > 0 for turn in self.turns)
        return f"| {self.name} | {len(self.turns)} | {longest:.1f} | {told} | {refused} | {self.whole_seconds:.1f} |"


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GrownProduct]:
    programs = server_programs()
    if programs is None:
        pytest.skip("PostgreSQL's server programs are not installed: `make system-deps` does")
    with grown_product(tmp_path_factory.mktemp("grown"), programs) as running:
        yield running


@asynccontextmanager
async def under_load(product: GrownProduct) -> AsyncIterator[Load]:
    """Members are at it while the block runs; afterwards each of them has looked through what is kept."""
    load, is_over = Load(product.url, MEMBERS, PAUSE), asyncio.Event()
    before = {name: product.count(query) for name, query in COUNTS.items()}
    running = asyncio.create_task(load.run(is_over))
    try:
        await _for(BEFORE_SECONDS, running)
        yield load
        await _for(AFTER_SECONDS, running)
    finally:
        is_over.set()
        await running
    rows = {name: product.count(query) - before[name] for name, query in COUNTS.items()}
    turns = len(load.turns) - load.conversations
    assert load.faults == []
    assert rows == {"events": turns, "answered": turns, "requests": len(load.receipts)}
    assert len(set(load.receipts)) == len(load.receipts) > 0


COUNTS = {
    "events": "select count(*) from inbox where state <> 'noted'",
    "answered": "select count(distinct inbox_id) from transcript where role = 'answer' and inbox_id is not null",
    "requests": "select count(*) from request",
}


async def _for(seconds: float, running: asyncio.Task[None]) -> None:
    await asyncio.wait({running}, timeout=seconds)
    if running.done():
        running.result()


def _kill(kind: str) -> Callable[[GrownProduct], None]:
    def kill(product: GrownProduct) -> None:
        (_working(product) if kind == "jobs" else product.process(f"{kind}-1")).kill()

    return kill


def _working(product: GrownProduct) -> psutil.Process:
    """Of the two jobs the one that works, while the other waits for its lease: whoever said so last."""
    said = {}
    for name in ("jobs-1", "jobs-2"):
        lines = (product.folder / "log" / f"{name}.log").read_text("utf-8").splitlines()
        said[name] = max((json.loads(line)["timestamp"] for line in lines if "jobs_active" in line), default="")
    return product.process(max(said, key=said.__getitem__))


def _reload(product: GrownProduct) -> None:
    product.process("proxy").send_signal(signal.SIGUSR2)


FAULTS: dict[str, Callable[[GrownProduct], None]] = {
    "a `web` dies": _kill("web"),
    "a Rasa dies": _kill("rasa"),
    "an `actions` dies": _kill("actions"),
    "the working `jobs` dies": _kill("jobs"),
    "HAProxy reads its configuration anew": _reload,
}
SHORT = ("a `web` dies", "a Rasa dies")


@pytest.mark.parametrize("name", FAULTS if IS_LONG else SHORT)
async def test_no_turn_is_lost_or_doubled_when_one_process_dies(
    name: str, product: GrownProduct, capsys: pytest.CaptureFixture[str]
) -> None:
    async with under_load(product) as load:
        begun = time.monotonic()
        whole = [await _strike(FAULTS[name], product, load) for _ in range(TIMES)]
    figure = Figure(name, load.of(begun, time.monotonic()), max(whole))
    with capsys.disabled():
        print("\n" + figure.line())  # noqa: T201 - a proof tells its figures
    assert figure.turns
    if name.startswith("HAProxy"):
        assert sum(turn.refused for turn in load.turns) == 0


@pytest.mark.skipif(not IS_LONG, reason="the long form restarts every process, which takes minutes")
async def test_no_turn_is_refused_while_one_process_after_the_other_is_restarted(
    product: GrownProduct, capsys: pytest.CaptureFixture[str]
) -> None:
    async with under_load(product) as load:
        begun = time.monotonic()
        told = await asyncio.to_thread(product.roll)
        ended = time.monotonic()
    figure = Figure("each process is restarted in turn", load.of(begun, ended), ended - begun)
    with capsys.disabled():
        print("\n" + told + figure.line())  # noqa: T201 - as above
    assert sum(turn.refused for turn in load.turns) == 0


async def _strike(fault: Callable[[GrownProduct], None], product: GrownProduct, load: Load) -> float:
    """Lets it happen and waits until all processes are there again; gives how long that took."""
    # Several turns are on their way, so that what dies most likely has one in its hands.
    await until(lambda: load.in_flight >= _ON_THEIR_WAY, seconds=120)
    begun = time.monotonic()
    fault(product)
    # A death is not seen at the same moment.
    await asyncio.sleep(1)
    await asyncio.to_thread(product.wait_until_ready)
    seconds = time.monotonic() - begun
    # Some turns are to come before the next one.
    await asyncio.sleep(PAUSE)
    return seconds
