from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.storage import outbox
from bot.storage.engine import open_engine, reading, transaction
from bot.storage.models import Outbound

_NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


def _enqueue(session: Session, key: str, *, due: datetime | None = None, controller: str = "eparkrelax") -> str:
    return outbox.enqueue(
        session,
        controller=controller,
        channel="mail",
        recipient="staff",
        kind="filed",
        body={"number": "K"},
        dedupe_key=key,
        now=_NOW,
        due=due,
    )


def test_the_same_occasion_is_noted_once(engine: Engine) -> None:
    with transaction(engine) as session:
        assert _enqueue(session, "a") == _enqueue(session, "a")
        assert len(outbox.due_rows(session, "mail", now=_NOW)) == 1


def test_two_companies_have_the_same_occasion_each_for_itself(engine: Engine, database_url: str) -> None:
    other = open_engine(database_url, controller="kogane")
    with transaction(engine) as session:
        ours = _enqueue(session, "a")
    with transaction(other) as session:
        theirs = _enqueue(session, "a", controller="kogane")
        assert _enqueue(session, "a", controller="kogane") == theirs != ours
    for one, row_id in ((engine, ours), (other, theirs)):
        with reading(one) as session:
            assert [row.id for row in outbox.due_rows(session, "mail", now=_NOW)] == [row_id]
    other.dispose()


def test_within_a_company_the_database_itself_keeps_an_occasion_single(engine: Engine) -> None:
    with transaction(engine) as session:
        row = session.get_one(Outbound, _enqueue(session, "a"))
        again = {column.name: getattr(row, column.name) for column in Outbound.__table__.columns} | {"id": "x" * 32}
    with pytest.raises(IntegrityError), transaction(engine) as session:
        session.execute(insert(Outbound), [again])


def test_rows_are_due_by_channel_and_time(engine: Engine) -> None:
    with transaction(engine) as session:
        first = _enqueue(session, "a")
        _enqueue(session, "b", due=_NOW + timedelta(hours=1))
        assert [row.id for row in outbox.due_rows(session, "mail", now=_NOW)] == [first]
        assert outbox.due_rows(session, "line", now=_NOW) == []


def test_what_was_sent_is_never_due_again(engine: Engine) -> None:
    with transaction(engine) as session:
        outbox.mark_sent(session, _enqueue(session, "a"), now=_NOW)
        assert outbox.due_rows(session, "mail", now=_NOW + timedelta(days=1)) == []


def test_what_failed_is_due_later_and_later(engine: Engine) -> None:
    with transaction(engine) as session:
        row_id = _enqueue(session, "a")
        dues = []
        for _ in range(12):
            outbox.mark_failed(session, row_id, now=_NOW)
            dues.append(session.get_one(Outbound, row_id).due_at - _NOW)
    assert dues == sorted(dues)
    assert dues[0] == timedelta(seconds=4)
    assert dues[-1] == timedelta(minutes=10)


def test_what_a_clock_that_was_ahead_wrote_is_due(engine: Engine) -> None:
    with transaction(engine) as session:
        row_id = _enqueue(session, "a")
        assert outbox.due_rows(session, "mail", now=_NOW - timedelta(minutes=1)) == []
        assert [row.id for row in outbox.due_rows(session, "mail", now=_NOW - timedelta(days=1))] == [row_id]


def test_what_could_not_be_reached_is_tried_every_half_minute_without_end(engine: Engine) -> None:
    with transaction(engine) as session:
        row_id = _enqueue(session, "a")
        for _ in range(300):
            outbox.mark_unreached(session, row_id, now=_NOW)
        row = session.get_one(Outbound, row_id)
        assert (row.state, row.due_at) == ("waiting", _NOW + timedelta(seconds=30))
