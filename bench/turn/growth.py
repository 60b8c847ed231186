"""What a conversation's length costs: its 40th turn beside its 5th (`python -m bench.turn.growth`).

Every conversation asks the same ten questions in a circle, each beginning at another one: at any turn, ten
conversations together have asked all ten.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from pathlib import Path

import aiohttp

from bench.questions import QUESTIONS
from bench.turn import asking, costs
from tests.support.product import AS_DELIVERED, Product

EARLY, LATE = 5, 40


def main() -> None:
    """Starts the product, lets conversations run to their last turn, prints the two turns and their ratio."""
    parser = argparse.ArgumentParser(prog="python -m bench.turn.growth")
    parser.add_argument("--conversations", type=int, default=len(QUESTIONS))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        product = Product(Path(folder), **AS_DELIVERED)
        product.start()
        try:
            waits, spent = asyncio.run(_run(product, options.conversations))
        finally:
            product.stop()
    for turn in (EARLY, 10, 20, 30, LATE):
        print(f"turn {turn:2d}: p50 {_middle(waits[turn]):.0f} ms, {_middle(spent[turn]):.0f} ms of CPU")
    print(f"turn {LATE} / turn {EARLY}: p50 {_middle(waits[LATE]) / _middle(waits[EARLY]):.2f}, "
          f"CPU {_middle(spent[LATE]) / _middle(spent[EARLY]):.2f}")  # fmt: skip


def _middle(values: list[float]) -> float:
    return statistics.median(values)


async def _run(product: Product, conversations: int) -> tuple[dict[int, list[float]], dict[int, list[float]]]:
    waits: dict[int, list[float]] = {}
    spent: dict[int, list[float]] = {}
    begin = asking.ours(product.url)
    processes = costs.named(product.processes())
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        for first in range(-1, conversations):  # the first one warms up
            ask = await begin(session)
            for turn in range(1, (LATE if first >= 0 else EARLY) + 1):
                before, begun = sum(costs.cpu(processes).values()), time.perf_counter()
                await ask(QUESTIONS[(first + turn) % len(QUESTIONS)])
                if first >= 0:
                    waits.setdefault(turn, []).append((time.perf_counter() - begun) * 1000)
                    spent.setdefault(turn, []).append((sum(costs.cpu(processes).values()) - before) * 1000)
    return waits, spent


if __name__ == "__main__":
    main()
