"""The desk is reminded of a report once a day while its day is near or over, and no longer once it was handed in."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.incidents.affected import affected
from bot.incidents.filters import read_filters
from bot.incidents.keeping import judge, note_reported, open_incident
from bot.incidents.models import Incident
from bot.incidents.reminding import remind
from bot.storage.models import Outbound
from tests.support.incident_register import COMPANY

_DAY = timedelta(days=1)
_AYA = "staff:aya"


@pytest.fixture
def incident(session: Session, now: datetime) -> Incident:
    filters = read_filters(COMPANY, now - _DAY, now + _DAY)
    return open_incident(session, filters, affected(session, filters), noticed_at=now, actor=_AYA, now=now)


def told(session: Session) -> list[tuple[str, str]]:
    rows = session.scalars(select(Outbound).order_by(Outbound.created_at))
    return [(row.body["report"], row.body["by"]) for row in rows]


def test_the_first_report_is_told_of_every_day_and_once_a_day(
    session: Session, incident: Incident, now: datetime
) -> None:
    for hours in (0, 1, 24, 24 * 6):
        assert remind(session, controller=COMPANY, now=now + timedelta(hours=hours)) == 1
    assert told(session) == [("first", incident.first_by.isoformat())] * 3


def test_the_final_report_is_told_of_in_its_last_week(session: Session, incident: Incident, now: datetime) -> None:
    note_reported(session, incident, final=False, reported_at=now, actor=_AYA, now=now)
    # The day of noticing is the first of 30.
    assert remind(session, controller=COMPANY, now=now + 21 * _DAY) == 0
    assert remind(session, controller=COMPANY, now=now + 22 * _DAY) == 1
    assert remind(session, controller=COMPANY, now=now + 40 * _DAY) == 1
    assert told(session) == [("final", incident.final_by.isoformat())] * 2


def test_what_is_closed_or_another_companys_is_not_told_of(session: Session, incident: Incident, now: datetime) -> None:
    assert remind(session, controller="another", now=now) == 0
    judge(session, incident, [], actor=_AYA, now=now)
    assert remind(session, controller=COMPANY, now=now) == 0
    assert told(session) == []
