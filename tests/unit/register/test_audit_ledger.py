from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from bot.clock import in_tokyo
from bot.register.contacts import reveal
from bot.register.kinds import FILED_KINDS
from bot.register.models import Request
from bot.register.purge import purge
from bot.register.trail.accesses import accesses
from bot.register.trail.deletions import Deleted, deletions
from bot.register.trail.ends import ends_of
from bot.register.trail.ledger import LedgerRow, Period, Timeliness, ledger_page
from bot.staff.trail import About, StaffAction, note_of
from bot.storage.encryption import Vault
from bot.storage.engine import reading, transaction
from bot.storage.models import Conversation, Member
from tests.support.ledger_cases import Endings, fill

COMPANY = "eparkrelax"
DAY = timedelta(days=1)


@pytest.fixture
def endings(engine: Engine, vault: Vault, now: datetime) -> Endings:
    with transaction(engine) as session:
        return fill(session, controller=COMPANY, now=now, vault=vault)


def around(now: datetime) -> Period:
    return Period(now - DAY, now + 60 * DAY)


def ledger(engine: Engine, period: Period, most: int = 100) -> dict[str, LedgerRow]:
    found: dict[str, LedgerRow] = {}
    place = None
    while True:
        with reading(engine) as session:
            rows, place = ledger_page(session, COMPANY, period, FILED_KINDS, after=place, most=most)
        found |= {row.number: row for row in rows}
        if place is None:
            return found


def test_every_request_of_the_period_stands_in_it_once_and_tests_do_not(
    engine: Engine, endings: Endings, now: datetime
) -> None:
    whole = ledger(engine, around(now))

    assert set(whole) == {
        endings.refused_in_time,
        endings.told_late,
        endings.withdrawn,
        endings.untouched,
        endings.complaint,
    }
    assert ledger(engine, around(now), most=2) == whole
    assert ledger(engine, Period(now - DAY, now)) == {}
    assert set(ledger(engine, Period(now, now + timedelta(microseconds=1)))) == set(whole)


def test_the_ends_of_a_request_are_told(engine: Engine, endings: Endings, now: datetime) -> None:
    rows = ledger(engine, around(now))

    refused, late = rows[endings.refused_in_time], rows[endings.told_late]
    assert (refused.outcomes, refused.grounds) == (("denied",), ("disclosure-harms-rights",))
    assert refused.due.from_arrival == date(2026, 12, 7)
    assert refused.due.from_verification == date(2026, 12, 8)
    assert refused.notified_at == now + 3 * DAY
    assert rows[endings.withdrawn].withdrawn_at == now + DAY
    assert rows[endings.complaint].outcomes == ("answered",)
    assert late.notified_at == now + 15 * DAY


@pytest.mark.parametrize(
    ("days", "untouched"), [(14, Timeliness.RUNNING), (15, Timeliness.OVERDUE), (0, Timeliness.RUNNING)]
)
def test_in_time_goes_by_the_earlier_of_both_days(
    engine: Engine, endings: Endings, now: datetime, days: int, untouched: Timeliness
) -> None:
    rows, today = ledger(engine, around(now)), in_tokyo(now + days * DAY).date()

    assert rows[endings.untouched].timeliness(today) is untouched
    assert rows[endings.refused_in_time].timeliness(today) is Timeliness.IN_TIME
    assert rows[endings.told_late].timeliness(today) is Timeliness.LATE
    assert rows[endings.withdrawn].timeliness(today) is Timeliness.WITHDRAWN


def test_who_looked_is_counted_in_both_trails(engine: Engine, endings: Endings, vault: Vault, now: datetime) -> None:
    def look(session: Session, number: str, at: datetime) -> None:
        request = session.query(Request).filter_by(number=number).one()
        reveal(session, request.id, vault=vault, actor="staff:sato", now=at)
        about = About("request", request.id, fields=["state"])
        note_of(session, COMPANY, "staff:sato", StaffAction.REQUEST_READ, about, now=at, role="officer")

    with transaction(engine) as session:
        look(session, endings.untouched, now + DAY)
        look(session, endings.untouched, now + 2 * DAY)
        look(session, endings.withdrawn, now + 3 * DAY)
        look(session, endings.withdrawn, now + 90 * DAY)
        about = About("audit")
        note_of(session, COMPANY, "staff:sato", StaffAction.AUDIT_READ, about, now=now + DAY, role="officer")

    with reading(engine) as session:
        found = [(one.actor, one.action, one.times, one.objects) for one in accesses(session, COMPANY, around(now))]
        (first, *_) = accesses(session, COMPANY, around(now))
    assert found == [("staff:sato", "details:revealed", 3, 2), ("staff:sato", "request:read", 3, 2)]
    assert (first.first_at, first.last_at) == (now + DAY, now + 3 * DAY)


@pytest.mark.usefixtures("endings")
def test_what_went_is_told_and_what_stayed_is_not(engine: Engine, now: datetime) -> None:
    with transaction(engine) as session:
        session.add(
            Member(id="m" * 32, controller=COMPANY, channel="web", user_hash="h", sealed_user=b"", created_at=now)
        )
        session.flush()
        for number in range(3):
            session.add(
                Conversation(
                    id=f"{number:032d}",
                    controller=COMPANY,
                    channel="web",
                    member_id="m" * 32,
                    started_at=now,
                    last_at=now,
                    deleted_at=now + DAY if number else None,
                )
            )
        purge(session, controller=COMPANY, now=now + 2 * DAY, draft_days=30)
        purge(session, controller=COMPANY, now=now + 2 * DAY, draft_days=30)

    with reading(engine) as session:
        found = [(one.what, one.count, one.by) for one in deletions(session, COMPANY, around(now))]
        assert list(deletions(session, "other", around(now))) == []
    assert found == [(Deleted.TESTS, 1, "system"), (Deleted.CONVERSATIONS, 2, "member")]


def test_the_ends_of_the_chains_are_those_of_the_trails(engine: Engine, endings: Endings, now: datetime) -> None:
    with transaction(engine) as session:
        note_of(session, COMPANY, "system", StaffAction.DATA_PURGED, About("purge", fields=["tests:1"]), now=now)
    with reading(engine) as session:
        ends = dict(ends_of(session, COMPANY))
        last = session.execute(
            text(
                "SELECT position, hash FROM audit WHERE request_id = (SELECT id FROM request WHERE number = :number) "
                "ORDER BY position DESC LIMIT 1"
            ),
            {"number": endings.told_late},
        ).one()

    assert ends[""].position == 1
    assert (ends[endings.told_late].position, ends[endings.told_late].hash) == tuple(last)
    assert endings.test not in ends
