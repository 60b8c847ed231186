"""The trails at a million events: how long the audit's list takes, how fast chains are checked, and the files.

    python -m bench.audit [--requests 100000] [--events 10] [--url postgresql+psycopg://…] [--files]

Without a URL it makes an SQLite file under `var/bench`. The database has to be empty: it is migrated and filled.
"""

from __future__ import annotations

import argparse
import random
import resource
import secrets
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import cast

from sqlalchemy import Engine, insert, inspect, text

from bench.queue import COMPANY, NOW
from bench.queue import fill as fill_requests
from bot.console.audit.files.books import Asked, books_of
from bot.console.audit.files.zipping import pieces_of
from bot.register.audit import Action, event_hash
from bot.register.models import AuditEvent, AuditHead, Request
from bot.register.trail.checking import look
from bot.register.trail.joined import Place, Sought, TrailRow, list_events
from bot.staff.models import StaffEvent, StaffTrailHead
from bot.staff.trail import StaffAction, hash_of
from bot.storage.engine import Base, open_engine, reading, transaction
from bot.storage.hash_chain import FIRST_HASH
from bot.storage.migrate import upgrade

_BATCH = 10_000
_TIMES = 40
_ROWS = 51
_FIELDS = ["state"]
_PEOPLE = ("staff:aya", "staff:ken", "staff:mei")
_OF_STAFF = (Action.DETAILS_REVEALED, Action.MESSAGES_READ, Action.REQUEST_ASSIGNED, Action.MEMBER_ASKED)
_OF_OTHERS = (Action.CODE_SENT, Action.PAGE_VISITED, Action.PAGE_ISSUED, Action.DETAILS_SUBMITTED)

SOUGHT = {
    "everything": Sought(),
    "a person": Sought(actor="staff:aya"),
    "members": Sought(actor="member"),
    "an action": Sought(action=Action.DETAILS_REVEALED),
    "nobody's": Sought(actor="staff:nobody"),
    "no such": Sought(action=Action.NOTICE_BOUNCED),
    "person+action": Sought(actor="staff:aya", action=Action.MESSAGES_READ),
    "never both": Sought(actor="member", action=Action.DETAILS_REVEALED),
    "a sort": Sought(sort="talk"),
    "requests": Sought(sort="request"),
    "a period": Sought(since=NOW - timedelta(days=400), before=NOW - timedelta(days=370)),
    "period+person": Sought(actor="staff:ken", since=NOW - timedelta(days=400), before=NOW - timedelta(days=399)),
}


def fill(engine: Engine, requests: int, events: int) -> None:
    """Requests with whole trails, and a fifth as many events of the console."""
    fill_requests(engine, requests, 0.03)
    chance = random.Random(11)  # noqa: S311 - made-up data
    with reading(engine) as session:
        filed = session.query(Request.id, Request.received_at).all()
    _store(engine, AuditEvent, AuditHead, (row for one in filed for row in _of_one(one, events, chance)))
    _store(engine, StaffEvent, StaffTrailHead, _of_the_console(requests * events // 5, chance))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def measure(engine: Engine) -> None:
    """Prints median and 95th percentile of each list: its first page, and one far behind."""
    print(f"{'list':<14} {'page p50':>9} {'p95':>8} {'far p50':>9} {'p95':>8}  rows")
    for name, sought in SOUGHT.items():
        rows = _page(engine, sought)
        far = _far(sought, rows)
        first = _timed(partial(_page, engine, sought))
        later = _timed(partial(_page, engine, sought, far))
        figures = (
            f"{statistics.median(first):9.1f} {_p95(first):8.1f} {statistics.median(later):9.1f} {_p95(later):8.1f}"
        )
        print(f"{name:<14} {figures}  {len(rows)}", flush=True)


def check(engine: Engine) -> None:
    """Prints how fast every chain is gone through."""
    begun, used = time.perf_counter(), time.process_time()
    with reading(engine) as session:
        found = look(session, COMPANY)
    took, used = time.perf_counter() - begun, time.process_time() - used
    rates = f"{found.events / took:,.0f} events/s, {found.events / used:,.0f} a second of this process's own time"
    print(f"chains: {found.events:,} events, {found.broken} broken, {took:.1f} s, {rates}", flush=True)


def make_files(engine: Engine) -> None:
    """Prints how long the files of two years take, and how much memory this process has taken at most."""
    before = _memory()
    asked = Asked(COMPANY, "見本", date(2024, 11, 1), NOW.date(), NOW + timedelta(days=1), "見本", {})
    begun = time.perf_counter()
    size = sum(len(piece) for piece in pieces_of(books_of(engine, asked), asked))
    took = time.perf_counter() - begun
    print(f"files: {size / 1e6:.1f} MB in {took:.0f} s; memory at most {_memory():.0f} MB ({before:.0f} MB before)")


def _of_one(filed: object, events: int, chance: random.Random) -> Iterator[dict[str, object]]:
    prev_hash = FIRST_HASH
    at = filed.received_at  # type: ignore[attr-defined]  # a row of the query above
    for position in range(1, events + 1):
        is_staff = position > 1 and chance.random() < 0.5
        row = {
            "id": f"{chance.getrandbits(128):032x}",
            "controller": COMPANY,
            "request_id": filed.id,  # type: ignore[attr-defined]  # as above
            "position": position,
            "at": at,
            "actor": chance.choice(_PEOPLE) if is_staff else chance.choice(("member", "system")),
            "action": _action(position, events, chance, is_staff=is_staff),
            "fields": _FIELDS,
            "prev_hash": prev_hash,
        }
        prev_hash = row["hash"] = event_hash(cast(AuditEvent, SimpleNamespace(**row)), _FIELDS)
        at += timedelta(seconds=chance.randrange(86400))
        yield row


def _action(position: int, events: int, chance: random.Random, *, is_staff: bool) -> Action:
    if position == 1:
        return Action.REQUEST_FILED
    if position == events:
        return Action.MEMBER_NOTIFIED
    return chance.choice(_OF_STAFF if is_staff else _OF_OTHERS)


def _of_the_console(events: int, chance: random.Random) -> Iterator[dict[str, object]]:
    prev_hash = FIRST_HASH
    for position in range(1, events + 1):
        row = {
            "id": f"{chance.getrandbits(128):032x}",
            "controller": COMPANY,
            "position": position,
            "at": NOW - timedelta(seconds=(events - position) * 300),
            "actor": chance.choice(_PEOPLE),
            "role": "officer",
            "action": chance.choice((StaffAction.REQUEST_READ, StaffAction.TALK_READ, StaffAction.SESSION_OPENED)),
            "sort": chance.choice(("request", "talk", "session")),
            "object_id": secrets.token_hex(16),
            "fields": _FIELDS,
            "reason": None,
            "prev_hash": prev_hash,
        }
        prev_hash = row["hash"] = hash_of(cast(StaffEvent, SimpleNamespace(**row)), _FIELDS)
        yield row


def _store(engine: Engine, event: type[Base], head: type[Base], rows: Iterator[dict[str, object]]) -> None:
    waiting: list[dict[str, object]] = []
    ends: dict[str, dict[str, object]] = {}
    (owner,) = (column.name for column in inspect(head).primary_key)
    for row in rows:
        waiting.append(row)
        ends[str(row[owner])] = {name: row[name] for name in (owner, "controller", "position", "hash")}
        if len(waiting) == _BATCH:
            _insert(engine, event, waiting)
            waiting = []
    if waiting:
        _insert(engine, event, waiting)
    _insert(engine, head, list(ends.values()))


def _insert(engine: Engine, table: type[Base], rows: list[dict[str, object]]) -> None:
    with transaction(engine) as session:
        session.execute(insert(table), rows)


def _page(engine: Engine, sought: Sought, after: Place | None = None) -> list[TrailRow]:
    with reading(engine) as session:
        return list_events(session, COMPANY, sought, after=after, most=_ROWS)


def _far(sought: Sought, rows: list[TrailRow]) -> Place | None:
    """Half of the way back."""
    if not rows:
        return None
    oldest = NOW - timedelta(days=365)
    return rows[-1].place if sought.since else rows[-1].place._replace(at=oldest)


def _timed(act: Callable[[], object]) -> list[float]:
    took = []
    for _ in range(_TIMES):
        begun = time.perf_counter()
        act()
        took.append((time.perf_counter() - begun) * 1000)
    return took


def _p95(took: list[float]) -> float:
    return sorted(took)[int(len(took) * 0.95) - 1]


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Fills a database and measures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--events", type=int, default=10, help="of each request")
    parser.add_argument("--url", default="")
    parser.add_argument("--files", action="store_true", help="make the files, too, which takes minutes")
    given = parser.parse_args()
    file = Path("var/bench/audit.db")
    if not given.url:
        file.unlink(missing_ok=True)
    engine = open_engine(given.url or f"sqlite:///{file}", controller=COMPANY)
    upgrade(engine.url.render_as_string(hide_password=False))
    fill(engine, given.requests, given.events)
    measure(engine)
    check(engine)
    if given.files:
        make_files(engine)
    engine.dispose()


if __name__ == "__main__":
    main()
