"""Both clocks, who judges what, and the texts with what is known filled in."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.clock import in_tokyo
from bot.errors import BadInputError
from bot.incidents.affected import affected
from bot.incidents.drafting import notice_to_persons, report_items
from bot.incidents.filters import read_filters
from bot.incidents.keeping import (
    IncidentIsOverError,
    IncidentIsUnknownError,
    incident_of,
    incidents_of,
    is_late,
    judge,
    next_due,
    note_reported,
    open_incident,
    running,
)
from bot.incidents.law import CONFIRM, Ground, clocks
from bot.incidents.models import Incident
from bot.staff.models import StaffEvent
from bot.staff.trail_links import broken_staff_trails
from tests.support.incident_register import COMPANY, Register

_DAY = timedelta(days=1)
_AYA = "staff:aya"


def opened(session: Session, now: datetime, **named: list[str]) -> Incident:
    filters = read_filters(COMPANY, now - _DAY, now + timedelta(minutes=1), **named)
    found = affected(session, filters)
    return open_incident(session, filters, found, noticed_at=now, actor=_AYA, now=now)


@pytest.mark.parametrize(
    ("noticed", "first", "final", "unlawful"),
    [
        # 00:30 in Tokyo is the day before in UTC.
        (datetime(2026, 11, 22, 15, 30, tzinfo=UTC), date(2026, 11, 27), date(2026, 12, 22), date(2027, 1, 21)),
        (datetime(2026, 11, 23, 14, 59, tzinfo=UTC), date(2026, 11, 27), date(2026, 12, 22), date(2027, 1, 21)),
        (datetime(2026, 11, 23, 15, 0, tzinfo=UTC), date(2026, 11, 28), date(2026, 12, 23), date(2027, 1, 22)),
        (datetime(2028, 2, 1, 3, 0, tzinfo=UTC), date(2028, 2, 5), date(2028, 3, 1), date(2028, 3, 31)),
    ],
)
def test_both_clocks_run_from_the_japanese_day_of_noticing(
    noticed: datetime, first: date, final: date, unlawful: date
) -> None:
    assert (clocks(noticed).first_by, clocks(noticed).final_by) == (first, final)
    assert clocks(noticed, [Ground.UNLAWFUL, Ground.MANY]).final_by == unlawful


@given(st.datetimes(datetime(2022, 4, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - Hypothesis wants bounds without a zone
def test_no_clock_ends_later_than_the_law_lets_it(noticed: datetime) -> None:
    day, due = in_tokyo(noticed).date(), clocks(noticed)

    assert day < due.first_from < due.first_by < day + 5 * _DAY
    assert due.first_by < due.final_by < day + 30 * _DAY
    assert due.final_by < clocks(noticed, [Ground.UNLAWFUL]).final_by < day + 60 * _DAY


def test_an_incident_is_opened_judged_and_reported(session: Session, register: Register, now: datetime) -> None:
    register.file()
    incident = opened(session, now)
    assert (next_due(incident), incident.counts["persons"]) == (date(2026, 11, 27), 1)
    assert not is_late(incident, now + 4 * _DAY)
    assert is_late(incident, now + 5 * _DAY)

    judge(session, incident, [Ground.UNLAWFUL, Ground.SENSITIVE], actor="staff:ken", now=now)
    note_reported(session, incident, final=False, reported_at=now + _DAY, actor=_AYA, now=now + _DAY)
    assert (next_due(incident), incident.judged_by) == (date(2027, 1, 21), "staff:ken")
    assert running(session, COMPANY) == [incident]

    note_reported(session, incident, final=True, reported_at=now + 50 * _DAY, actor=_AYA, now=now + 50 * _DAY)
    assert running(session, COMPANY) == []
    assert not is_late(incident, now + 400 * _DAY)
    told = session.scalars(select(StaffEvent).order_by(StaffEvent.position)).all()
    assert [(event.action, event.fields) for event in told] == [
        ("incident:opened", []),
        ("incident:judged", ["sensitive", "unlawful"]),
        ("incident:reported", ["first"]),
        ("incident:reported", ["final"]),
    ]
    assert list(broken_staff_trails(session)) == []


def test_who_finds_no_ground_closes_it_and_it_stays_closed(session: Session, now: datetime) -> None:
    incident = opened(session, now)
    judge(session, incident, [], actor=_AYA, now=now)

    assert (incident.closed_at, incident.grounds, running(session, COMPANY)) == (now, [], [])
    with pytest.raises(IncidentIsOverError):
        judge(session, incident, [Ground.MANY], actor=_AYA, now=now)
    with pytest.raises(IncidentIsOverError):
        note_reported(session, incident, final=False, reported_at=now, actor=_AYA, now=now)


def test_what_a_judgement_took_back_has_its_shorter_clock_again(session: Session, now: datetime) -> None:
    incident = opened(session, now)
    judge(session, incident, [Ground.UNLAWFUL], actor=_AYA, now=now)
    judge(session, incident, [Ground.MANY], actor=_AYA, now=now)

    assert incident.final_by == date(2026, 12, 22)


def test_moments_that_cannot_be_are_refused(session: Session, now: datetime) -> None:
    incident = opened(session, now)
    for reported_at in (now - _DAY, now + _DAY):
        with pytest.raises(BadInputError, match="only after it was noticed"):
            note_reported(session, incident, final=False, reported_at=reported_at, actor=_AYA, now=now)
    filters = read_filters(COMPANY, now - _DAY, now)
    with pytest.raises(BadInputError, match="future"):
        open_incident(session, filters, affected(session, filters), noticed_at=now + _DAY, actor=_AYA, now=now)


def test_an_incident_is_found_by_its_first_digits_by_its_own_company_alone(session: Session, now: datetime) -> None:
    incident = opened(session, now)

    assert incident_of(session, COMPANY, incident.id[:8]) is incident
    assert incidents_of(session, "other") == []
    for company, id_ in ((COMPANY, ""), (COMPANY, "%"), (COMPANY, "zz"), ("other", incident.id)):
        with pytest.raises(IncidentIsUnknownError):
            incident_of(session, company, id_)


def test_the_report_has_its_nine_items_and_leaves_open_what_nobody_knows(
    session: Session, register: Register, now: datetime
) -> None:
    register.file()
    incident = opened(session, now, actors=["sato"], channels=["web"])
    judge(session, incident, [Ground.UNLAWFUL], actor=_AYA, now=now)

    text = report_items(incident)

    assert re.findall(r"^## (\d)\. ", text, re.MULTILINE) == [str(number) for number in range(1, 10)]
    assert "2026年11月23日 10:30" in text
    assert "速報: おおむね3〜5日以内（2026年11月27日まで）" in text
    assert "確報: 2027年1月21日まで（60日以内）" in text
    assert "不正の目的" in text
    assert "- 氏名: 1件" in text
    assert "多くて1人" in text
    assert "［原因。" in text
    assert CONFIRM in text
    assert "江洞" not in text
    assert "@" not in text


def test_the_notice_has_the_items_of_its_rule(session: Session, register: Register, now: datetime) -> None:
    register.file()
    text = notice_to_persons(opened(session, now), controller="株式会社見本", desk="")

    titles = re.findall(r"^## \d\. (.+)$", text, re.MULTILINE)
    assert titles == [
        "概要",
        "個人データの項目",
        "原因",
        "二次被害又はそのおそれの有無とその内容",
        "その他参考となる事項",
    ]
    assert "株式会社見本です。" in text
    assert "［窓口の連絡先］" in text
    assert "［本人の氏名］様" in text
    assert "江洞" not in text
