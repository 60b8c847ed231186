"""The calendar of last days by either clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import literal, select
from sqlalchemy.orm import Session

from bot.clock import TOKYO
from bot.register.due_days import DueCount, due_counts, due_on
from bot.register.filing import file_draft
from bot.register.kinds import Kind
from bot.register.models import Request
from bot.register.queue import Place
from bot.register.requests import withdraw
from bot.staff.actor import Actor
from bot.staff.roles import Role
from bot.storage.encryption import Vault
from bot.storage.tokyo_day import tokyo_day
from bot.storage.types import UtcDateTime

AYA = Actor("aya", "青木彩", "eparkrelax", Role.OFFICER, sees_sensitive=False, session_id="s")

FileAt = Callable[..., Request]


@pytest.fixture
def file_at(session: Session, new_draft: Callable[..., str], vault: Vault) -> FileAt:
    def make(at: str, verified_at: str = "", **facts: object) -> Request:
        arrived = tokyo(at)
        draft_id = new_draft(session, Kind.DISCLOSURE, now=arrived, **facts)
        (receipt,) = file_draft(session, draft_id, now=arrived, vault=vault)
        request = session.get_one(Request, receipt.request_id)
        request.verified_at = tokyo(verified_at) if verified_at else None
        session.flush()
        return request

    return make


def tokyo(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TOKYO)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 11, 25, 14, 59, 59, tzinfo=UTC), date(2026, 11, 25)),
        (datetime(2026, 11, 25, 15, 0, tzinfo=UTC), date(2026, 11, 26)),
        (datetime(2026, 12, 31, 23, 0, tzinfo=UTC), date(2027, 1, 1)),
    ],
)
def test_a_day_begins_at_midnight_in_japan(session: Session, moment: datetime, day: date) -> None:
    assert session.scalar(select(tokyo_day(literal(moment, UtcDateTime)))) == day


def test_each_day_counts_both_clocks(session: Session, file_at: FileAt) -> None:
    file_at("2026-11-12 00:00", "2026-11-16 09:00")
    file_at("2026-11-12 23:59")
    file_at("2026-11-16 12:00")
    file_at("2026-10-31 12:00")

    assert due_counts(session, AYA, date(2026, 11, 23), date(2026, 12, 31)) == {
        date(2026, 11, 26): DueCount(2, 0),
        date(2026, 11, 30): DueCount(1, 1),
    }


def test_a_stretch_holds_both_its_days(session: Session, file_at: FileAt) -> None:
    for at in ("2026-11-11 23:59", "2026-11-12 00:00", "2026-11-13 23:59", "2026-11-14 00:00"):
        file_at(at)

    found = due_counts(session, AYA, date(2026, 11, 26), date(2026, 11, 27))

    assert sorted(found) == [date(2026, 11, 26), date(2026, 11, 27)]


@pytest.mark.companies
def test_what_is_over_a_test_or_not_for_these_eyes_is_left_out(session: Session, file_at: FileAt) -> None:
    over = file_at("2026-11-12 10:00")
    withdraw(session, over.id, now=tokyo("2026-11-13 10:00"))
    file_at("2026-11-12 10:00", is_test=True)
    file_at("2026-11-12 10:00", scope="口座情報")
    file_at("2026-11-12 10:00", controller="other")

    day = date(2026, 11, 26)
    assert due_counts(session, AYA, day, day) == {}
    assert due_on(session, AYA, day, after=None, most=10) == []


def test_a_days_list_goes_on_after_its_last_row(session: Session, file_at: FileAt) -> None:
    early = file_at("2026-11-02 10:00", "2026-11-12 10:00")
    same = [file_at("2026-11-12 10:00"), file_at("2026-11-12 10:00")]
    file_at("2026-11-13 10:00")
    expected = [early.id, *sorted(request.id for request in same)]

    day = date(2026, 11, 26)
    first = due_on(session, AYA, day, after=None, most=2)
    rest = due_on(session, AYA, day, after=Place(first[-1].since, first[-1].id), most=2)

    assert [row.id for row in (*first, *rest)] == expected
    assert first[0].due.from_verification == day
