"""How fast 会話 and 概況 are with a million turns: `python -m bench.talks URL` on an empty database.

Rows are made in bulk and hold one sealed blob all together, since lists open none. Prints the 95th percentile of each
list, of its hundredth page, of the figures, and how long the counting of ninety days takes; and, with --plans, how the
database goes about each list.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import secrets
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count
from statistics import quantiles

from sqlalchemy import Connection, Engine, event, insert, text
from sqlalchemy.orm import Session

from bot.console.overview.numbers import overview
from bot.console.talks.listing import MARKS, Filter, Place, list_talks
from bot.storage import talk_days
from bot.storage.engine import open_engine, reading, transaction
from bot.storage.migrate import upgrade
from bot.storage.models import Conversation, Entry, Member

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
CONTROLLER = "eparkrelax"
TURNS_EACH = 4
DAYS = 90
_BLOB = secrets.token_bytes(300)
_AT_ONCE = 25_000
_line_ids = count()


def main() -> None:
    """Fills the database, unless it is filled, and measures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--turns", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=40)
    parser.add_argument("--plans", action="store_true")
    given = parser.parse_args()
    upgrade(given.url)
    engine = open_engine(given.url, controller=CONTROLLER)
    with reading(engine) as session:
        is_filled = session.scalar(text("SELECT 1 FROM conversation LIMIT 1"))
    figures: dict[str, float] = {} if is_filled else _filled(engine, given.turns)
    figures |= _measured(engine, given.times)
    if given.plans:
        _print_plans(engine)
    figures["memory_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({name: round(value, 1) for name, value in figures.items()}, ensure_ascii=False, indent=1))


def _filled(engine: Engine, turns: int) -> dict[str, float]:
    chance = random.Random(1)  # noqa: S311 - made-up rows
    start = time.perf_counter()
    if engine.dialect.name == "sqlite":
        # Indexes of random ids do not fit into SQLite's own cache of 2 MB.
        event.listen(engine, "begin", _hurry)
    for _ in range(0, turns // TURNS_EACH, _AT_ONCE):
        talks = [_talk(chance) for _ in range(_AT_ONCE)]
        with transaction(engine) as session:
            session.execute(insert(Member), [_member(talk) for talk in talks])
            session.execute(insert(Conversation), talks)
            session.execute(insert(Entry), [line for talk in talks for line in _lines(talk)])
    if engine.dialect.name == "sqlite":
        event.remove(engine, "begin", _hurry)
    filled = time.perf_counter()
    days = 0
    while counted := _count(engine):
        days += counted
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
    return {"fill_s": filled - start, "count_days": days, "count_days_s": time.perf_counter() - filled}


def _hurry(connection: Connection) -> None:
    connection.exec_driver_sql("PRAGMA cache_size=-400000")


def _count(engine: Engine) -> int:
    with transaction(engine) as session:
        return len(talk_days.count_days(session, CONTROLLER))


def _talk(chance: random.Random) -> dict[str, object]:
    at = NOW - timedelta(seconds=chance.uniform(0, DAYS * 86_400))
    counts = dict.fromkeys(talk_days.FIGURES, 0) | {"turns": TURNS_EACH, "answers": TURNS_EACH - 1}
    counts[chance.choice(("answers", "answers", "not_in_policy", "clarify", "out_of_scope"))] += 1
    counts["unhelpful"], counts["receipts"] = int(chance.random() < 0.02), int(chance.random() < 0.1)
    return counts | {
        "id": secrets.token_hex(16),
        "controller": CONTROLLER,
        "channel": chance.choices(("web", "line", "slack"), (70, 29, 1))[0],
        "member_id": secrets.token_hex(16),
        "started_at": at,
        "last_at": at + timedelta(minutes=5),
        "lowest_stated": chance.uniform(0.3, 1.0) if chance.random() < 0.5 else None,
        "review": chance.choices(("open", "checked", "improve"), (90, 9, 1))[0],
        "is_test": False,
        "is_counted": False,
    }


def _member(talk: dict[str, object]) -> dict[str, object]:
    return {
        "id": talk["member_id"],
        "controller": CONTROLLER,
        "channel": talk["channel"],
        "user_hash": talk["member_id"],
        "sealed_user": b"",
        "created_at": talk["started_at"],
    }


def _lines(talk: dict[str, object]) -> Iterator[dict[str, object]]:
    # Of lines no list looks at the id; in order they are stored faster.
    for turn in range(TURNS_EACH):
        for role, kind in (("member", "member"), ("answer", "not_in_policy" if turn == 0 else "answer")):
            yield {
                "id": f"{next(_line_ids):032x}",
                "controller": CONTROLLER,
                "conversation_id": talk["id"],
                "inbox_id": f"{next(_line_ids):032x}",
                "role": role,
                "kind": kind,
                "position": turn,
                "at": talk["started_at"],
                "sealed_message": _BLOB,
            }


def _filters() -> dict[str, Filter]:
    every = {"all": Filter(), "review=open": Filter(review="open"), "review=improve": Filter(review="improve")}
    every |= {f"channel={channel}": Filter(channel=channel) for channel in ("web", "slack", "fax")}
    every |= {mark: Filter(marks=frozenset({mark})) for mark in MARKS}
    every["all marks"] = Filter(marks=frozenset(MARKS))
    every["rare of several"] = Filter("slack", "improve", "30", frozenset({"disliked", "low"}))
    every["web, open, all marks"] = Filter("web", "open", "", frozenset(MARKS))
    every["low and missed, nothing there"] = Filter("fax", "", "", frozenset({"low", "missed"}))
    every["nothing there"] = Filter("fax", "improve", "", frozenset({"missed"}))
    return every


def _measured(engine: Engine, times: int) -> dict[str, float]:
    figures = {}
    for name, wanted in _filters().items():
        figures[f"{name} p95_ms"] = _p95(engine, times, lambda session, wanted=wanted: _page(session, wanted, None))  # type: ignore[misc]  # bound now
    with reading(engine) as session:
        place = None
        for _ in range(100):
            place = _page(session, Filter(), place)
    figures["page 100 p95_ms"] = _p95(engine, times, lambda session: _page(session, Filter(), place))
    today = date(2026, 11, 24)
    for days in (7, 30, 90):
        told = f"overview {days} days p95_ms"
        figures[told] = _p95(engine, times, lambda session, days=days: overview(session, CONTROLLER, days, today))  # type: ignore[misc]  # bound now
    return figures


def _page(session: Session, wanted: Filter, after: Place | None) -> Place | None:
    rows = list_talks(session, CONTROLLER, wanted, after=after, most=51, now=NOW)
    return Place(rows[-1].last_at, rows[-1].id) if rows else None


def _p95(engine: Engine, times: int, look: Callable[[Session], object]) -> float:
    spent = []
    for _ in range(times):
        start = time.perf_counter()
        with reading(engine) as session:
            look(session)
        spent.append((time.perf_counter() - start) * 1000)
    return quantiles(spent, n=20)[-1]


def _print_plans(engine: Engine) -> None:
    prefix = "EXPLAIN QUERY PLAN " if engine.dialect.name == "sqlite" else "EXPLAIN "

    def explain(_connection: object, cursor: object, statement: str, parameters: object, *_: object) -> None:
        if statement.lstrip().startswith("SELECT"):
            again = cursor.connection.cursor()  # type: ignore[attr-defined]  # the driver's
            again.execute(prefix + statement, parameters)
            print("   ", "\n    ".join(str(row[-1]) for row in again.fetchall()))

    event.listen(engine, "before_cursor_execute", explain)
    for name, wanted in _filters().items():
        print(name)
        with reading(engine) as session:
            _page(session, wanted, Place(NOW, "f" * 32))
    event.remove(engine, "before_cursor_execute", explain)


if __name__ == "__main__":
    main()
