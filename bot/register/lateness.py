"""What waits for too long: notices, alerts, arrivals that nobody checked, and requests past a last day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from bot.clock import in_tokyo
from bot.register.alerts.models import Alert
from bot.register.alerts.standing import UNTOLD, open_alerts
from bot.register.deadlines import deadlines
from bot.register.life import TERMINAL
from bot.register.models import Request
from bot.storage.models import Outbound

# Sending is tried again for a while; what is later than this needs a person.
_NOTICE_WAITS = timedelta(minutes=10)
# An alert climbs each working morning. Long holidays of the desk end before this, so that later nobody looks at all.
_ALERT_WAITS = timedelta(days=10)
# A second person compares the arrival with the original while the original is still at hand.
_ARRIVAL_WAITS = timedelta(days=3)


def what_is_late(session: Session, *, now: datetime) -> list[str]:
    """One sentence for each thing; ids and numbers only, no personal data. Tests are never late."""
    return [
        *_unsent(session, before=now - _NOTICE_WAITS),
        *_unacknowledged(session, before=now - _ALERT_WAITS),
        *_unchecked(session, before=now - _ARRIVAL_WAITS),
        *_overdue(session, today=in_tokyo(now).date()),
    ]


def _unsent(session: Session, *, before: datetime) -> Iterator[str]:
    # What was given up is no matter of time; what was left out on purpose is no matter at all.
    waits = and_(Outbound.state.not_in(("sent", "skipped")), Outbound.created_at < before)
    query = select(Outbound).where(or_(Outbound.state == "failed", waits))
    for row in session.scalars(query.order_by(Outbound.created_at, Outbound.id)):
        yield f"outbox {row.id}: {row.kind} to {row.channel} was not sent ({row.state}, {row.attempts} attempts)"


def _unacknowledged(session: Session, *, before: datetime) -> Iterator[str]:
    controllers = session.scalars(select(Alert.controller).distinct().order_by(Alert.controller)).all()
    for controller in controllers:
        for alert in open_alerts(session, controller):
            if alert.raised_at < before:
                since = in_tokyo(alert.raised_at).date()
                yield f"request {alert.number}: nobody has taken up the alert {alert.sort} of {since}"


def _unchecked(session: Session, *, before: datetime) -> Iterator[str]:
    query = select(Request.number).where(
        Request.entered_at < before,
        Request.arrival_checked_by.is_(None),
        Request.state.not_in(TERMINAL),
        Request.is_test.is_(False),
    )
    for number in session.scalars(query.order_by(Request.number)):
        yield f"request {number}: no second person has checked its time of arrival"


def _overdue(session: Session, *, today: date) -> Iterator[str]:
    query = select(Request).where(Request.state.in_(UNTOLD), Request.is_test.is_(False), Request.purged_at.is_(None))
    for request in session.scalars(query.order_by(Request.received_at, Request.id)):
        due = deadlines(request.received_at, request.verified_at)
        clocks = {"arrival": due.from_arrival, "verification": due.from_verification}
        for clock, last_day in clocks.items():
            if last_day is not None and last_day < today:
                yield f"request {request.number}: two weeks from {clock} were over on {last_day}"
