"""Telling staff about a request: one row and one notice for each occasion, however often it is found."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.register.alerts.models import Alert, AlertSort
from bot.register.models import Request
from bot.register.notices import MAIL, STAFF
from bot.storage import outbox

ALERT = "alert"
"""The kind of every notice to staff; its body says which sort of alert it is."""


def raise_alert(
    session: Session,
    request: Request,
    sort: AlertSort,
    *,
    occasion: str,
    now: datetime,
    days_left: int | None = None,
) -> None:
    """Tells whoever looks after a request, or the whole desk while nobody does; a test tells nobody.

    What waits for a second person is told to the whole desk: who looks after the request is most often the first.
    The caller holds the lock of the request's row, so that the same occasion found twice is one alert.

    Args:
        session: the open transaction that causes the alert.
        request: what it is about.
        sort: why staff are told.
        occasion: tells two alerts of a sort about one request apart; the same again changes nothing.
        now: the present moment.
        days_left: working days left until the request is due, when known.
    """
    if request.is_test or _is_known(session, request, sort, occasion):
        return
    alert = Alert(
        id=secrets.token_hex(16),
        controller=request.controller,
        request_id=request.id,
        sort=sort,
        occasion=occasion,
        told=_in_charge(request, sort),
        raised_at=now,
        told_at=now,
        climbs=0,
    )
    session.add(alert)
    session.flush()
    send(session, alert, request, to=alert.told, now=now, days_left=days_left)


def send(
    session: Session, alert: Alert, request: Request, *, to: str, now: datetime, days_left: int | None = None
) -> None:
    """Puts the notice of an alert to one person into the outbox: number, kind, sort, urgency, days left."""
    body: dict[str, str | int] = {
        "request_id": request.id,
        "number": request.number,
        "kind": request.kind,
        "sort": alert.sort,
        "urgent": request.is_urgent,
    }
    if days_left is not None:
        body["days_left"] = days_left
    outbox.enqueue(
        session,
        controller=alert.controller,
        channel=MAIL,
        recipient=to,
        kind=ALERT,
        body=body,
        dedupe_key=f"{ALERT}:{alert.id}:{alert.climbs}:{to}",
        now=now,
    )


def _in_charge(request: Request, sort: AlertSort) -> str:
    return STAFF if sort is AlertSort.SECOND_PERSON else request.assignee or STAFF


def _is_known(session: Session, request: Request, sort: AlertSort, occasion: str) -> bool:
    same = select(Alert.id).where(Alert.request_id == request.id, Alert.sort == sort, Alert.occasion == occasion)
    return session.scalar(same) is not None
