"""Asks at a steady rate for a long time, and tells what grows: memory, descriptors, waits. `make soak`.

    python -m bench.soak [--minutes 30] [--rate 5]

Slopes are of a straight line through the samples after the first tenth, in which caches fill, an hour, with their
intervals of 95 %. Descriptors that lie at another number at the end than at the beginning, or a slope whose whole
interval lies above nothing, are what to look for.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import numpy as np
from scipy import stats

from bench.turn import asking, costs
from bench.turn.questions import endless
from tests.support.product import AS_DELIVERED, Product

SAMPLE_SECONDS = 10.0
# Samples come close together, and what one turn leaves behind the next may take away: neighbours are no independent
# witnesses. Their means over so many are taken as one.
JOINED = 3
_WARM_UP = 0.1
_LEAST_SAMPLES = 3


@dataclass
class Watched:
    """What was seen so far; every series by its name, with a row of hours and values."""

    series: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    waits: list[float] = field(default_factory=list)
    answered: int = 0
    failed: int = 0

    def note(self, name: str, hours: float, value: float) -> None:
        """Adds one sample."""
        self.series.setdefault(name, []).append((hours, value))


@dataclass(frozen=True)
class Slope:
    """How a series goes, an hour, and between which values that lies with a probability of 95 %."""

    an_hour: float
    low: float
    high: float
    first: float
    last: float


def slope(samples: list[tuple[float, float]]) -> Slope | None:
    """The slope of a series without its beginning; None when too little was seen."""
    kept = np.array(samples[int(len(samples) * _WARM_UP) :])
    whole = len(kept) // JOINED
    if whole < _LEAST_SAMPLES:
        return None
    hours, values = kept[: whole * JOINED].reshape(whole, JOINED, 2).mean(axis=1).T
    line = stats.linregress(hours, values)
    margin = line.stderr * stats.t.ppf(0.975, whole - 2)
    return Slope(line.slope, line.slope - margin, line.slope + margin, values[0], values[-1])


def main() -> None:
    """Starts the product, asks, prints the slopes."""
    parser = argparse.ArgumentParser(prog="python -m bench.soak")
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--rate", type=float, default=5.0, help="turns a second")
    parser.add_argument("--out", type=Path, default=Path("var/bench/soak.json"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        product = Product(Path(folder), **AS_DELIVERED)
        product.start()
        try:
            watched = asyncio.run(_soak(product, options.minutes * 60, options.rate))
        finally:
            product.stop()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(watched.series), encoding="utf-8")
    print("\n".join(_told(watched, options)))


async def _soak(product: Product, seconds: float, rate: float) -> Watched:
    watched = Watched()
    begun = time.monotonic()
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0), cookie_jar=aiohttp.DummyCookieJar()
    ) as session:
        watching = asyncio.create_task(_watch(product, watched, begun))
        await _ask_at(rate, seconds, _Members(product.url, session), watched)
        watching.cancel()
    return watched


class _Members:
    """Conversations that are free to be asked in; one that is as long as the bench wants is replaced."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self._begin = asking.ours(url)
        self._session = session
        self._free: deque[tuple[asking.Ask, int]] = deque()
        self._texts: Iterator[str] = endless()

    async def ask(self) -> None:
        """One turn in the conversation that has rested longest."""
        ask, turns = self._free.popleft() if self._free else (await self._begin(self._session), 0)
        await ask(next(self._texts))
        if turns + 1 < asking.TURNS_A_CONVERSATION:
            self._free.append((ask, turns + 1))


async def _ask_at(rate: float, seconds: float, members: _Members, watched: Watched) -> None:
    """Turns begin at their time, whether or not those before have ended."""
    async with asyncio.TaskGroup() as turns:
        begun = time.monotonic()
        for number in range(int(seconds * rate)):
            await asyncio.sleep(max(0.0, begun + number / rate - time.monotonic()))
            turns.create_task(_turn(members, watched))


async def _turn(members: _Members, watched: Watched) -> None:
    begun = time.monotonic()
    try:
        await members.ask()
    except (asking.WrongAnswerError, aiohttp.ClientError, TimeoutError):
        watched.failed += 1
        return
    watched.answered += 1
    watched.waits.append((time.monotonic() - begun) * 1000)


async def _watch(product: Product, watched: Watched, begun: float) -> None:
    processes = costs.named(product.processes())
    while True:
        await asyncio.sleep(SAMPLE_SECONDS)
        hours = (time.monotonic() - begun) / 3600
        for name, megabytes in costs.resident(processes).items():
            watched.note(f"{name}: MB", hours, megabytes)
        for name, group in processes.items():
            watched.note(f"{name}: descriptors", hours, float(sum(each.num_fds() for each in group)))
        waits, watched.waits = watched.waits, []
        if waits:
            watched.note("turn: p95 ms", hours, float(np.percentile(waits, 95)))


def _told(watched: Watched, options: argparse.Namespace) -> Iterator[str]:
    yield (
        f"{options.minutes:g} minutes at {options.rate:g} turns/s: {watched.answered} answered, "
        f"{watched.failed} failed; load at the end {os.getloadavg()[0]:.1f}"
    )
    yield f"{'series':<24}{'first':>10}{'last':>10}{'an hour':>12}{'95 % interval':>26}"
    for name, samples in watched.series.items():
        line = slope(samples)
        if line is None:
            yield f"{name:<24}{'too few samples':>20}"
        else:
            interval = f"{line.low:+.2f} … {line.high:+.2f}"
            yield f"{name:<24}{line.first:>10.1f}{line.last:>10.1f}{line.an_hour:>+12.2f}{interval:>26}"


if __name__ == "__main__":
    main()
