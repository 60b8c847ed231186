"""Every fault that the real processes are put through: how it is put in, what members read, what readyz says."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psutil
from sqlalchemy import make_url

from tests.support.chat import Member
from tests.support.fault_ground import standing
from tests.support.product import Product

TakeOut = Callable[[], None]
PutIn = Callable[[Product], TakeOut | None]
"""Puts a fault in, and gives what takes it out, if it does not pass by itself."""

_MODULES = {"web": "bot.app", "jobs": "bot.jobs", "actions": "actions", "rasa": "rasa"}
_PUT_BACK_SECONDS = 60.0


@dataclass(frozen=True)
class ProcessFault:
    """One row of the table of the processes.

    Attributes:
        name: of the row, as docs/faults.md has it.
        put_in: what is done to the product.
        reads: what a member reads whose message meets it.
        red: the checks of readyz that fail while it lasts; None when readyz itself does not answer.
        is_long: whether only the long form has it, since it takes as long as a start.
        on_server: whether Rasa's tracker has to be on a PostgreSQL server.
    """

    name: str
    put_in: PutIn
    reads: str
    red: frozenset[str] | None = frozenset()
    is_long: bool = False
    on_server: bool = False

    def line(self) -> str:
        """The row as it stands in docs/faults.md."""
        if self.red is None:
            ready = "does not answer"
        else:
            ready = f"{' '.join(f'`{check}`' for check in sorted(self.red))} red" if self.red else "ready"
        return f"| {self.name} | {self.reads} | {ready} |"


def process_of(product: Product, name: str) -> psutil.Process:
    """The process of this name."""
    wanted = _MODULES[name]
    for process in product.processes():
        words = process.cmdline()
        if wanted in words or any(word.endswith(f"/{wanted}") for word in words):
            return process
    raise AssertionError(f"{name} does not run")


def _killed(name: str) -> PutIn:
    def put_in(product: Product) -> None:
        process_of(product, name).kill()

    return put_in


def _stopped(product: Product) -> TakeOut:
    rasa = process_of(product, "rasa")
    rasa.suspend()
    return rasa.resume


def _tracker_locked(product: Product) -> TakeOut:
    other = sqlite3.connect(f"{product.folder}/tracker.db", isolation_level=None, timeout=30)
    other.execute("BEGIN IMMEDIATE")

    def take_out() -> None:
        other.execute("ROLLBACK")
        other.close()

    return take_out


def _tracker_stands(product: Product) -> TakeOut:
    stands = ExitStack()
    stands.enter_context(standing(Path(str(make_url(product.environment["MADOGUCHI_TRACKER_URL"]).query["host"]))))
    return stands.close


def _index_damaged(product: Product) -> None:
    """Tears every second file and removes the others; the process that has it open mends that before it dies."""
    files = {file: file.read_bytes() for file in sorted(index_of(product).rglob("*")) if file.is_file()}
    assert len(files) > 1
    for place, file in enumerate(files):
        if place % 2:
            file.unlink()
        else:
            file.write_bytes(b"torn")
    (answer,) = Member(product.url).say("口座情報は何に使われますか")
    assert (answer["kind"], bool(answer["citations"])) == ("answer", True)
    deadline = time.monotonic() + _PUT_BACK_SECONDS
    while not all(file.is_file() and file.read_bytes() == content for file, content in files.items()):
        assert time.monotonic() < deadline, product.log()
        time.sleep(0.2)
    process_of(product, "actions").kill()


def index_of(product: Product) -> Path:
    """The folder of the product's index, which is its own."""
    return Path(product.environment["MADOGUCHI_INDEX_DIR"])


_RASA = frozenset({"model", "tracker"})

FAULTS = (
    ProcessFault("`web` dies", _killed("web"), "nothing until it is back, then the answer", None),
    ProcessFault("`jobs` dies", _killed("jobs"), "the answer"),
    ProcessFault("`actions` dies", _killed("actions"), "apology", frozenset({"actions"}), is_long=True),
    ProcessFault("Rasa's process dies", _killed("rasa"), "apology", _RASA, is_long=True),
    ProcessFault("Rasa's process stands still", _stopped, "apology", _RASA),
    ProcessFault("Rasa's tracker is locked by another process", _tracker_locked, "apology", frozenset({"tracker"})),
    ProcessFault(
        "the server of Rasa's tracker stands still (PostgreSQL)",
        _tracker_stands,
        "apology",
        _RASA,
        is_long=True,
        on_server=True,
    ),
    ProcessFault(
        "the index is damaged and removed, then `actions` dies",
        _index_damaged,
        "the answer, then apology",
        frozenset({"actions"}),
        is_long=True,
    ),
)
