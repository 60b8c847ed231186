from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.register.alerts.models import Alert, AlertSort
from bot.register.alerts.raising import raise_alert
from bot.register.models import Request
from bot.storage.models import Outbound
from tests.unit.register.alerts.conftest import tokyo

FileAt = Callable[..., Request]
_NOW = tokyo("2026-11-24 15:00")


def raised(session: Session, sort: AlertSort) -> list[Alert]:
    return list(session.scalars(select(Alert).where(Alert.sort == sort)))


def notices(session: Session, sort: AlertSort) -> list[Outbound]:
    return [row for row in session.scalars(select(Outbound)) if row.body["sort"] == sort]


def test_an_alert_is_a_row_and_a_notice_without_a_word_of_the_member(session: Session, file_at: FileAt) -> None:
    request = file_at(session, "2026-11-24 11:00", assignee="sato")

    raise_alert(session, request, AlertSort.REPLY, occasion="1", now=_NOW, days_left=2)

    (alert,), (notice,) = raised(session, AlertSort.REPLY), notices(session, AlertSort.REPLY)
    assert (alert.told, alert.raised_at, alert.told_at, alert.climbs) == ("sato", _NOW, _NOW, 0)
    assert (notice.channel, notice.recipient, notice.kind) == ("mail", "sato", "alert")
    assert notice.body == {
        "request_id": request.id,
        "number": request.number,
        "kind": "disclosure",
        "sort": "reply",
        "urgent": False,
        "days_left": 2,
    }


def test_a_notice_says_when_the_request_is_urgent(session: Session, file_at: FileAt) -> None:
    request = file_at(session, "2026-11-24 11:00")
    request.is_urgent = True

    raise_alert(session, request, AlertSort.REPLY, occasion="1", now=_NOW)

    assert [notice.body["urgent"] for notice in notices(session, AlertSort.REPLY)] == [True]


def test_nobody_in_charge_means_the_whole_desk(session: Session, file_at: FileAt) -> None:
    raise_alert(session, file_at(session, "2026-11-24 11:00"), AlertSort.BOUNCE, occasion="1", now=_NOW)
    assert [alert.told for alert in raised(session, AlertSort.BOUNCE)] == ["staff"]


@pytest.mark.parametrize(("second", "alerts"), [("1", 1), ("2", 2)])
def test_one_occasion_is_told_once(session: Session, file_at: FileAt, second: str, alerts: int) -> None:
    request = file_at(session, "2026-11-24 11:00")

    for occasion in ("1", second):
        raise_alert(session, request, AlertSort.REPLY, occasion=occasion, now=_NOW)

    assert len(raised(session, AlertSort.REPLY)) == len(notices(session, AlertSort.REPLY)) == alerts


def test_a_test_tells_nobody(session: Session, file_at: FileAt) -> None:
    request = file_at(session, "2026-11-24 11:00", is_test=True)
    raise_alert(session, request, AlertSort.REPLY, occasion="1", now=_NOW)
    assert session.scalars(select(Alert)).all() == []
    assert session.scalars(select(Outbound)).all() == []


def test_a_second_person_is_looked_for_at_the_whole_desk(session: Session, file_at: FileAt) -> None:
    request = file_at(session, "2026-11-24 11:00", assignee="sato")
    raise_alert(session, request, AlertSort.SECOND_PERSON, occasion="1", now=_NOW)
    assert [alert.told for alert in raised(session, AlertSort.SECOND_PERSON)] == ["staff"]
