"""Which alerts still stand, and taking them up: what was told and neither acknowledged nor made idle since."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, or_, select
from sqlalchemy.orm import Session

from bot.clock import in_tokyo
from bot.register import audit
from bot.register.alerts.models import Alert, AlertSort
from bot.register.deadlines import IsWorkingDay, deadlines, working_days_left
from bot.register.errors import AlertIsUnknownError, StateForbidsError
from bot.register.kinds import Kind
from bot.register.life import TERMINAL, Party, locked_request
from bot.register.models import Request, State

UNTOLD = frozenset(State) - TERMINAL - {State.NOTIFIED}
"""Where a request stands whose member has not been told the answer: its clock runs."""

_NOT_BEGUN = UNTOLD - {State.SCOPE_PENDING, State.IN_REVIEW, State.DECIDED}
_NOT_CLOSED = frozenset(State) - TERMINAL

# An alert is idle once the request has moved on to where what it says has been seen to. What a member has written
# is read by a person, wherever the request stands.
_STANDS_WHILE: dict[AlertSort, frozenset[State]] = {
    AlertSort.ARRIVAL: _NOT_BEGUN,
    AlertSort.DUE_SOON: UNTOLD,
    AlertSort.OVERDUE: UNTOLD,
    AlertSort.CLOSURE: UNTOLD,
    AlertSort.NO_CONTACT: UNTOLD,
    AlertSort.REPLY: frozenset(State),
    AlertSort.BOUNCE: _NOT_CLOSED,
    AlertSort.SECOND_PERSON: _NOT_CLOSED,
}


@dataclass(frozen=True)
class AlertView:
    """An alert that nobody has taken up, with what staff need to find the request."""

    id: str
    request_id: str
    number: str
    kind: Kind
    sort: AlertSort
    told: str
    raised_at: datetime
    told_at: datetime
    climbs: int


def open_alerts(session: Session, controller: str) -> list[AlertView]:
    """What staff of this company still have to take up, oldest first; of a sort about one request, the newest only."""
    alert = (Alert.id, Alert.request_id, Alert.sort, Alert.told, Alert.raised_at, Alert.told_at, Alert.climbs)
    query = select(*alert, Request.number, Request.kind).join(Request, Request.id == Alert.request_id)
    rows = session.execute(query.where(Alert.controller == controller, stands()).order_by(Alert.raised_at, Alert.id))
    newest = {(row.request_id, row.sort): _view(row) for row in rows}
    return sorted(newest.values(), key=lambda view: (view.raised_at, view.id))


def acknowledge(session: Session, alert_id: str, *, actor: str, now: datetime) -> None:
    """Takes an alert up, and with it the earlier ones of its sort about the same request; again changes nothing.

    It is for what needs nothing to be done but to be known: `take_up` does the same for whoever acts.

    Args:
        session: the open transaction.
        alert_id: which alert.
        actor: `staff:` and who it is.
        now: the present moment.

    Raises:
        AlertIsUnknownError: no alert has this id.
        StateForbidsError: the actor is not one of the staff.
    """
    if Party.of(actor) is not Party.STAFF:
        raise StateForbidsError(f"an alert is taken up by staff, not by {actor}")
    alert = session.get(Alert, alert_id)
    if alert is None:
        raise AlertIsUnknownError(f"no alert has the id {alert_id}")
    request = locked_request(session, alert.request_id)
    same = (Alert.sort == alert.sort, Alert.raised_at <= alert.raised_at)
    if _close(session, alert.request_id, *same, actor=actor, now=now):
        # That somebody said "I have seen it" is the only trace of it: nothing else of the request has changed.
        audit.record(
            session, request, action=audit.Action.ALERT_ACKNOWLEDGED, actor=actor, now=now, fields=(alert.sort,)
        )


def take_up(
    session: Session,
    request_id: str,
    sorts: Collection[AlertSort],
    *,
    actor: str,
    now: datetime,
    occasion: str | None = None,
) -> None:
    """Takes up what somebody has just seen to by acting; nothing waits for a second press after that.

    The act itself is an event of the trail, by the same actor at the same moment, so that none is added here: it
    would say the same thing twice. Whoever acts may be the member or the system as well, since details that come in
    make an alert about missing details idle without any of the staff.

    Args:
        session: the open transaction, which holds the lock of the request.
        request_id: which request.
        sorts: which alerts the act sees to.
        actor: who acted, as the trail names them.
        now: the present moment.
        occasion: the one occasion that the act sees to, where others of the sort may wait beside it.
    """
    fitting = [Alert.sort.in_(sorts), *([] if occasion is None else [Alert.occasion == occasion])]
    _close(session, request_id, *fitting, actor=actor, now=now)


def days_left(request: Request, *, now: datetime, is_working_day: IsWorkingDay) -> int | None:
    """Working days until the request is due; None when its last day is over or its clock has stopped."""
    due = deadlines(request.received_at, request.verified_at).working
    if request.state not in UNTOLD or due < in_tokyo(now).date():
        return None
    return working_days_left(now, due, is_working_day)


def stands() -> ColumnElement[bool]:
    """Whether an alert, joined with its request, still waits for somebody, as a condition of a query."""
    matters = (and_(Alert.sort == sort, Request.state.in_(states)) for sort, states in _STANDS_WHILE.items())
    return and_(Alert.acknowledged_at.is_(None), or_(*matters))


def _close(session: Session, request_id: str, *fitting: ColumnElement[bool], actor: str, now: datetime) -> bool:
    """Notes who has taken up what was still open; False when nothing was."""
    query = select(Alert).where(Alert.request_id == request_id, Alert.acknowledged_at.is_(None), *fitting)
    rows = session.scalars(query.order_by(Alert.id).with_for_update()).all()
    for row in rows:
        row.acknowledged_by, row.acknowledged_at = actor, now
    session.flush()
    return bool(rows)


def _view(row: Row[*tuple[Any, ...]]) -> AlertView:
    facts = row._asdict()
    return AlertView(**facts | {"kind": Kind(facts["kind"]), "sort": AlertSort(facts["sort"])})
