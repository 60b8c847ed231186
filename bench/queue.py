"""The queue of requests at 100,000 of them: how long a page takes, and what is counted beside it.

    python -m bench.queue [--requests 100000] [--running 0.03] [--url postgresql+psycopg://…]

Without a URL it makes an SQLite file under `var/bench`. The database has to be empty: it is migrated and filled.
"""

from __future__ import annotations

import argparse
import random
import secrets
import statistics
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import Engine, insert, text

import bot.register.tables  # noqa: F401 - imported for the tables
from bot.register.alerts.models import Alert, AlertSort
from bot.register.kinds import FILED_KINDS
from bot.register.models import TOLD_OR_OVER, Contact, Draft, Request, State
from bot.register.numbers import new_number
from bot.register.queue import NOBODY, Group, Place, QueueRow, Wanted, assigned_people, count_requests, list_requests
from bot.storage.engine import open_engine, reading, transaction
from bot.storage.migrate import upgrade

COMPANY = "eparkrelax"
NOW = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
_PEOPLE = (None, "staff:aya", "staff:ken", "staff:mei")
_RUNNING = tuple(state for state in State if state not in TOLD_OR_OVER)
_BATCH = 5_000
_TIMES = 40
_ROWS = 51

WANTED = {
    "対応中": Wanted(),
    "自分": Wanted(assignee="staff:aya"),
    "未割当": Wanted(assignee=NOBODY),
    "開示だけ": Wanted(kinds=(FILED_KINDS[1],)),
    "3日以内": Wanted(due_by=NOW.date() + timedelta(days=3)),
    "連絡先なし": Wanted(without_contact=True),
    "二人目待ち": Wanted(second_person=True, group=Group.UNFINISHED),
    "返信あり": Wanted(replied=True, group=Group.ALL),
    "急ぎ": Wanted(urgent=True),
    "誰も見ない人": Wanted(assignee="staff:nobody-of-this-name"),
    "通知済み": Wanted(group=Group.NOTIFIED),
    "終わったもの": Wanted(group=Group.OVER),
    "すべて": Wanted(group=Group.ALL),
}


def fill(engine: Engine, requests: int, running: float) -> None:
    """Requests of two years, their drafts, contacts and alerts; nothing in them can be opened."""
    _lift_rules(engine)
    chance = random.Random(7)  # noqa: S311 - made-up data
    for start in range(0, requests, _BATCH):
        rows = [_request(chance, running) for _ in range(min(_BATCH, requests - start))]
        with transaction(engine) as session:
            session.execute(insert(Draft), [_draft(row) for row in rows])
            session.execute(insert(Request), rows)
            session.execute(insert(Contact), [_contact(row) for row in rows if chance.random() < 0.9])
            session.execute(insert(Alert), [_alert(row, chance) for row in rows])
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def _lift_rules(engine: Engine) -> None:
    """Lets requests be made up at any state at once; this database is thrown away."""
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("ALTER TABLE request DISABLE TRIGGER USER"))
            return
        rules = text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'request'")
        for (name,) in connection.execute(rules).all():
            connection.execute(text(f"DROP TRIGGER {name}"))


def measure(engine: Engine) -> None:
    """Prints median and 95th percentile of each list: its first page, one in the middle, and its count."""
    print(f"{'list':<10} {'page p50':>9} {'p95':>8} {'next p95':>9} {'count p95':>10}  rows")
    for name, wanted in WANTED.items():
        rows = _page(engine, wanted)
        place = Place(rows[-1].received_at, rows[-1].id) if rows else None
        first = _timed(partial(_page, engine, wanted))
        later = _timed(partial(_page, engine, wanted, place))
        counted = _timed(partial(_count, engine, wanted))
        figures = f"{statistics.median(first):9.1f} {_p95(first):8.1f} {_p95(later):9.1f} {_p95(counted):10.1f}"
        print(f"{name:<10} {figures}  {len(rows)}")
    print(f"people {_p95(_timed(partial(_people, engine))):.1f} ms p95")


def _page(engine: Engine, wanted: Wanted, after: Place | None = None) -> list[QueueRow]:
    with reading(engine) as session:
        return list_requests(session, COMPANY, wanted, after=after, most=_ROWS, now=NOW, is_working_day=_is_weekday)


def _count(engine: Engine, wanted: Wanted) -> int:
    with reading(engine) as session:
        return count_requests(session, COMPANY, wanted, most=1001)


def _people(engine: Engine) -> list[str]:
    with reading(engine) as session:
        return assigned_people(session, COMPANY)


def _timed(look: Callable[[], object]) -> list[float]:
    took = []
    for _ in range(_TIMES):
        begun = time.perf_counter()
        look()
        took.append((time.perf_counter() - begun) * 1000)
    return took


def _p95(took: list[float]) -> float:
    return sorted(took)[int(len(took) * 0.95) - 1]


def _is_weekday(day: date) -> bool:
    return day.weekday() < 5


def _request(chance: random.Random, running: float) -> dict[str, object]:
    received = NOW - timedelta(seconds=chance.randrange(2 * 365 * 86400))
    is_running = chance.random() < running
    if is_running:
        received = NOW - timedelta(seconds=chance.randrange(20 * 86400))
    state = chance.choice(_RUNNING if is_running else TOLD_OR_OVER[1:])
    return {
        "id": secrets.token_hex(16),
        "controller": COMPANY,
        "number": new_number(received),
        "draft_id": secrets.token_hex(16),
        "kind": chance.choice(FILED_KINDS),
        "scope": "予約履歴",
        "state": state,
        "channel": "web",
        "is_test": False,
        "is_urgent": chance.random() < 0.02,
        "received_at": received,
        "assignee": chance.choice(_PEOPLE),
    }


def _draft(row: dict[str, object]) -> dict[str, object]:
    return {
        "id": row["draft_id"],
        "controller": COMPANY,
        "channel": "web",
        "kinds": [row["kind"]],
        "is_test": False,
        "created_at": row["received_at"],
        "filed_at": row["received_at"],
    }


def _contact(row: dict[str, object]) -> dict[str, object]:
    return {
        "id": secrets.token_hex(16),
        "controller": COMPANY,
        "draft_id": row["draft_id"],
        "role": "self",
        "reply_by": "email",
        "sealed_name": b"0",
        "sealed_email": b"0",
        "given_at": row["received_at"],
    }


def _alert(row: dict[str, object], chance: random.Random) -> dict[str, object]:
    stands = row["state"] in _RUNNING
    return {
        "id": secrets.token_hex(16),
        "controller": COMPANY,
        "request_id": row["id"],
        "sort": AlertSort.REPLY if chance.random() < 0.1 else AlertSort.ARRIVAL,
        "occasion": "bench",
        "told": "staff",
        "raised_at": row["received_at"],
        "told_at": row["received_at"],
        "acknowledged_by": None if stands else "staff:aya",
        "acknowledged_at": None if stands else row["received_at"],
    }


def main() -> None:
    """Fills a database and measures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--running", type=float, default=0.03, help="share of requests whose clock runs")
    parser.add_argument("--url", default="")
    given = parser.parse_args()
    file = Path("var/bench/queue.db")
    if not given.url:
        file.unlink(missing_ok=True)
    url = given.url or f"sqlite:///{file}"
    upgrade(url)
    engine = open_engine(url, controller=COMPANY)
    fill(engine, given.requests, given.running)
    measure(engine)
    engine.dispose()


if __name__ == "__main__":
    main()
