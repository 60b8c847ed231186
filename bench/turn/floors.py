"""The floors under two stages: a question embedded, two rows committed, and nothing else around it."""

from __future__ import annotations

import sqlite3
from functools import partial
from pathlib import Path

from bench.turn.questions import questions
from bench.turn.stages import Samples, milliseconds
from bot.policy.embedding import BUNDLED, open_embedder

_TIMES = 200


def measured(folder: Path) -> Samples:
    """Both floors, in this process."""
    return {"floor: embedding alone": _embedding(), "floor: SQLite commit alone": _commits(folder / "floor.db")}


def _embedding() -> list[float]:
    embedder = open_embedder(BUNDLED, "", "")
    embedder.questions(["温める"])
    return [milliseconds(partial(embedder.questions, [text])) for text in questions()[:_TIMES]]


def _commits(place: Path) -> list[float]:
    connection = sqlite3.connect(place, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("CREATE TABLE line (id INTEGER PRIMARY KEY, text TEXT)")

    def commit() -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO line (text) VALUES (?)", [("x" * 750,), ("y" * 750,)])
        connection.execute("COMMIT")

    spent = [milliseconds(commit) for _ in range(_TIMES)]
    connection.close()
    return spent
