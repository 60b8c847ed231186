from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.orm import Session

from bot.console.talks.listing import MARKS, Filter, Place, TalkRow, list_talks, read_filter
from bot.storage import conversations
from bot.storage.encryption import Vault
from bot.storage.engine import reading, transaction
from tests.support.talks import Told, store_talk

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
VAULT = Vault(encryption_key=b"e" * 32, hash_key=b"h" * 32)


def fill(engine: Engine) -> dict[str, str]:
    """Five conversations, each of another sort; gives name to id."""
    sorts = {
        "plain": [Told("一")],
        "missed": [Told("二", "not_in_policy")],
        "low": [Told("三", stated=0.4), Told("四", stated=0.9)],
        "disliked": [Told("五", helpful=False)],
        "receipt": [Told("六", "receipt")],
    }
    with transaction(engine) as session:
        return {
            name: store_talk(session, *turns, vault=VAULT, now=NOW - timedelta(days=days)).id
            for days, (name, turns) in enumerate(sorts.items())
        }


def found(engine: Engine, wanted: Filter, *, after: Place | None = None, most: int = 50) -> list[TalkRow]:
    with reading(engine) as session:
        return list_talks(session, "eparkrelax", wanted, after=after, most=most, now=NOW)


@pytest.mark.parametrize("mark", MARKS)
def test_each_mark_finds_its_conversations(engine: Engine, mark: str) -> None:
    ids = fill(engine)

    assert [row.id for row in found(engine, Filter(marks=frozenset({mark})))] == [ids[mark]]


def test_the_latest_stand_on_top_and_the_period_is_kept(engine: Engine) -> None:
    ids = fill(engine)

    assert [row.id for row in found(engine, Filter())] == list(ids.values())
    assert [row.id for row in found(engine, Filter(period="1"))] == [ids["plain"], ids["missed"]]


def test_by_channel_and_review(engine: Engine) -> None:
    fill(engine)
    with transaction(engine) as session:
        line = store_talk(session, Told("七"), vault=VAULT, now=NOW, channel="line", review="improve")

    assert [row.id for row in found(engine, Filter(channel="line"))] == [line.id]
    assert [row.id for row in found(engine, Filter(review="improve"))] == [line.id]
    assert found(engine, Filter(channel="slack")) == []


@pytest.mark.companies
def test_tests_deleted_and_empty_conversations_and_other_companies_are_not_listed(engine: Engine) -> None:
    with transaction(engine) as session:
        store_talk(session, Told("一"), vault=VAULT, now=NOW, is_test=True)
        store_talk(session, vault=VAULT, now=NOW)
        store_talk(session, Told("二"), vault=VAULT, now=NOW, controller="other")
        conversations.erase(session, store_talk(session, Told("三"), vault=VAULT, now=NOW), now=NOW)

    assert found(engine, Filter()) == []


def test_pages_follow_each_other_without_gap_or_repetition(engine: Engine) -> None:
    with transaction(engine) as session:
        ids = {
            store_talk(session, Told("一"), vault=VAULT, now=NOW - timedelta(minutes=minutes // 3)).id
            for minutes in range(10)
        }
    seen: list[str] = []
    place = None
    while rows := found(engine, Filter(), after=place, most=3):
        seen += [row.id for row in rows]
        place = Place(rows[-1].last_at, rows[-1].id)

    assert (len(seen), set(seen)) == (10, ids)


def test_what_is_no_choice_counts_as_none() -> None:
    wanted = read_filter({"channel": "fax", "review": "x", "period": "9", "missed": "yes", "low": "1"})

    assert wanted == Filter(marks=frozenset({"low"}))
    assert wanted.query(review="open") == "/talks?review=open&low=1"


@pytest.mark.parametrize("marks", [frozenset(), *({mark} for mark in MARKS), frozenset(MARKS)])
@pytest.mark.parametrize(("channel", "review"), list(product(("", "line"), ("", "open"))))
def test_every_list_walks_an_index_in_its_order(
    engine: Engine, marks: frozenset[str], channel: str, review: str
) -> None:
    """Without rows the planner of PostgreSQL would rather look at them all, so it is told that this costs much."""
    wanted = Filter(channel=channel, review=review, marks=frozenset(marks))
    statements: list[str] = []
    with reading(engine) as session:
        connection = session.connection()
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL enable_seqscan = off"))
            connection.execute(text("SET LOCAL enable_bitmapscan = off"))
        statements = explained(session, wanted)

    plan = "\n".join(statements)
    assert "ix_conversation_" in plan, plan
    assert "SCAN conversation\n" not in plan, plan
    assert "TEMP B-TREE" not in plan, plan
    assert "Sort Key" not in plan or "Incremental" in plan, plan


def explained(session: Session, wanted: Filter) -> list[str]:
    """The plan of the query that `list_talks` runs, by running it with EXPLAIN in front."""
    plans: list[str] = []
    connection = session.connection()
    prefix = "EXPLAIN QUERY PLAN " if connection.dialect.name == "sqlite" else "EXPLAIN "

    def explain(conn, cursor, statement, parameters, context, executemany):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202, ARG001 - SQLAlchemy's own
        if statement.lstrip().startswith("SELECT"):
            again = cursor.connection.cursor()
            again.execute(prefix + statement, parameters)
            plans.extend(str(row[-1]) for row in again.fetchall())
            again.close()

    event.listen(connection, "before_cursor_execute", explain)
    place = Place(NOW, "f" * 32)
    list_talks(session, "eparkrelax", wanted, after=place, most=51, now=NOW)
    return plans
