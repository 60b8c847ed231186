"""The two sides of the comparison, each started once and asked in turns."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.turn import asking, costs
from bench.turn.stock import StockRasa
from bot.launch.model import RASA, rasa_environment
from tests.support.product import ROOT, Product


@dataclass(frozen=True)
class Side:
    """One of the two: what it took to get it ready, how it is asked, what runs."""

    name: str
    train_seconds: float
    ready_seconds: float
    begin: asking.Begin
    processes: Callable[[], costs.Processes]


@contextmanager
def our_side(product: Product) -> Iterator[Side]:
    """The whole product as `make run` starts it; ready is what /readyz calls ready."""
    trained = _train_ours()
    begun = time.monotonic()
    product.start()
    ready = time.monotonic() - begun
    try:
        yield Side("ours", trained, ready, asking.ours(product.url), lambda: costs.named(product.processes()))
    finally:
        product.stop()


@contextmanager
def stock_side(folder: Path) -> Iterator[Side]:
    """The stock assistant; ready is the first answer."""
    assistant = StockRasa(folder)
    trained = assistant.train()
    try:
        ready = assistant.start()
        yield Side("stock", trained, ready, asking.stock(assistant.url), assistant.processes)
    finally:
        assistant.stop()


def _train_ours() -> float:
    """Trains our model into a folder that goes again; the model in use is not touched."""
    with tempfile.TemporaryDirectory() as folder:
        command = [str(ROOT / RASA), "train", "--force", "--out", folder]
        begun = time.monotonic()
        subprocess.run(command, cwd=ROOT, env=rasa_environment(), stdout=sys.stderr, stderr=sys.stderr, check=True)
        return time.monotonic() - begun
