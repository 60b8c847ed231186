"""How long it takes to say what a leak may have affected, and how much memory.

    python -m bench.incident [--requests 100000] [--url postgresql+psycopg://…]

Half as many conversations of ten lines stand beside the requests. Without a URL it makes an SQLite file under
`var/bench`. The database has to be empty: it is migrated and filled.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, insert

from bot.incidents.affected import affected
from bot.incidents.filters import read_filters
from bot.register.models import Contact, Draft, Request
from bot.storage.encryption import Vault
from bot.storage.engine import Base, open_engine, reading, transaction
from bot.storage.migrate import upgrade
from bot.storage.models import Conversation, Entry, Member

_COMPANY = "eparkrelax"
_NOW = datetime(2026, 11, 26, tzinfo=UTC)
_BATCH = 5_000
_LINES = 10
_VAULT = Vault(b"e" * 32, b"h" * 32)
# Nobody opens it: what counts is its length and the id of the key at its head.
_SEALED = _VAULT.seal("予約履歴を見せてください", table="bench", row="0", column="sealed")

Row = dict[str, Any]


def main() -> None:
    """Fills a database and prints a line for each way to ask."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--url", default="")
    chosen = parser.parse_args()
    engine = open_engine(chosen.url or _fresh_file(), controller=_COMPANY)
    upgrade(engine.url.render_as_string(hide_password=False))
    _fill(engine, chosen.requests)
    asked: dict[str, dict[str, list[str]]] = {
        "everything": {},
        "a key": {"keys": [_VAULT.keyring.current.name]},
        "a channel": {"channels": ["web"]},
    }
    for name, named in asked.items():
        _measure(engine, name, named)


def _fresh_file() -> str:
    path = Path("var/bench/incident.db")
    path.parent.mkdir(parents=True, exist_ok=True)
    for old in path.parent.glob(f"{path.name}*"):
        old.unlink()
    return f"sqlite:///{path}"


def _measure(engine: Engine, name: str, named: dict[str, list[str]]) -> None:
    filters = read_filters(_COMPANY, _NOW - timedelta(days=1), _NOW + timedelta(days=1), **named)
    begun, used = time.perf_counter(), time.process_time()
    with reading(engine) as session:
        found = affected(session, filters)
    took, processor = time.perf_counter() - begun, time.process_time() - used
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    line = f"{len(found.items):,} items, {found.persons:,} people, {took:.1f} s ({processor:.1f} s processor)"
    print(f"{name:<12} {line}, at most {memory} MB")


def _fill(engine: Engine, count: int) -> None:
    for table, rows in (
        (Member, _members(count // 2)),
        (Conversation, _talks(count // 2)),
        (Entry, _entries(count // 2)),
        (Draft, _drafts(count)),
        (Request, _requests(count)),
        (Contact, _contacts(count)),
    ):
        for batch in _batches(rows):
            _insert(engine, table, batch)


def _insert(engine: Engine, table: type[Base], rows: Sequence[Row]) -> None:
    with transaction(engine) as session:
        session.execute(insert(table), rows)


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while batch := list(islice(rows, _BATCH)):
        yield batch


def _id(sort: str, number: int) -> str:
    return f"{sort}{number:031d}"


def _members(count: int) -> Iterator[Row]:
    for number in range(count):
        known = {"id": _id("a", number), "user_hash": _id("a", number), "sealed_user": _SEALED}
        yield known | {"controller": _COMPANY, "channel": "web", "created_at": _NOW}


def _talks(count: int) -> Iterator[Row]:
    for number in range(count):
        talk = {"id": _id("c", number), "member_id": _id("a", number), "controller": _COMPANY, "channel": "web"}
        yield talk | {"started_at": _NOW, "last_at": _NOW, "turns": 1, "is_test": False}


def _entries(count: int) -> Iterator[Row]:
    for number in range(count * _LINES):
        line = {"id": _id("e", number), "conversation_id": _id("c", number // _LINES), "controller": _COMPANY}
        yield line | {"role": "member", "position": number % _LINES, "at": _NOW, "sealed_message": _SEALED}


def _drafts(count: int) -> Iterator[Row]:
    for number in range(count):
        draft = {"id": _id("d", number), "controller": _COMPANY, "channel": "web", "kinds": ["disclosure"]}
        yield draft | {"sealed_words": _SEALED, "created_at": _NOW, "filed_at": _NOW}


def _requests(count: int) -> Iterator[Row]:
    for number in range(count):
        request = {"id": _id("f", number), "number": f"K{number}", "draft_id": _id("d", number), "kind": "disclosure"}
        place = {"controller": _COMPANY, "channel": "web", "state": "received", "scope": "予約履歴"}
        yield request | place | {"sealed_words": _SEALED, "received_at": _NOW}


def _contacts(count: int) -> Iterator[Row]:
    for number in range(count):
        contact = {"id": _id("b", number), "controller": _COMPANY, "draft_id": _id("d", number), "role": "self"}
        reached = {"sealed_name": _SEALED, "sealed_email": _SEALED, "email_hash": _id("b", number)}
        yield contact | reached | {"reply_by": "email", "given_at": _NOW}


if __name__ == "__main__":
    main()
