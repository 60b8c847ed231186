"""What the desk has to do today: a few rows and a bounded count of each sort of task, one's own first.

Nothing here opens what is sealed. Sorting one's own first reads every task of its sort in any case, so that the same
reading counts them. Tests are nobody's task. Who may not read about health and bank accounts
is not shown such requests.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, case, exists, func, select
from sqlalchemy.orm import Session

from bot.clock import in_tokyo
from bot.register.alerts.models import Alert, AlertSort
from bot.register.alerts.standing import stands
from bot.register.deadlines import Deadlines, IsWorkingDay, clock_begins, deadlines
from bot.register.kinds import Kind
from bot.register.life import TO_THE_DESK
from bot.register.models import Contact, Request, State
from bot.register.running import is_running
from bot.register.sensitivity import is_ordinary
from bot.staff.actor import Actor

MOST_SHOWN = 10
WORKING_DAYS_AHEAD = 3

TAKEN_UP_BY_A_PRESS = (
    AlertSort.OVERDUE,
    AlertSort.DUE_SOON,
    AlertSort.CLOSURE,
    AlertSort.BOUNCE,
    AlertSort.ARRIVAL,
    AlertSort.NO_CONTACT,
)
"""Alerts that are seen to by knowing of them; a reply has to be read, and a second half has to be done."""

_HORIZON = timedelta(days=60)
_DAY = timedelta(days=1)
Row = TypeVar("Row")


@dataclass(frozen=True)
class Section(Generic[Row]):
    """The first rows of a sort of task, and how many there are."""

    rows: Sequence[Row]
    count: int


@dataclass(frozen=True)
class Task:
    """A request that waits for somebody, `since` when."""

    id: str
    number: str
    kind: Kind
    state: State
    channel: str
    assignee: str | None
    is_urgent: bool
    without_delay: bool
    due: Deadlines
    since: datetime


@dataclass(frozen=True)
class Told:
    """An alert that nobody has taken up; `told` names who was told last."""

    id: str
    sort: AlertSort
    told: str
    raised_at: datetime
    request_id: str
    number: str
    kind: Kind


@dataclass(frozen=True)
class Agenda:
    """Every sort of task but those of a second person (`bot.register.second_halves`)."""

    overdue: Section[Task]
    due_today: Section[Task]
    due_soon: Section[Task]
    replies: Section[Task]
    without_contact: Section[Task]
    inquiries: Section[Task]
    alerts: Section[Told]
    horizon: date


def agenda(session: Session, actor: Actor, *, now: datetime, is_working_day: IsWorkingDay) -> Agenda:
    """What waits at this moment, for this person to see."""
    today = in_tokyo(now).date()
    horizon = last_day_ahead(today, is_working_day)
    return Agenda(
        overdue=_requests(session, actor, Request.received_at < clock_begins(today)),
        due_today=_requests(session, actor, *_due_between(today, today)),
        due_soon=_requests(session, actor, *_due_between(today + _DAY, horizon)),
        replies=_replies(session, actor),
        without_contact=_requests(session, actor, ~exists().where(Contact.draft_id == Request.draft_id)),
        inquiries=_requests(session, actor, Request.kind.in_(TO_THE_DESK)),
        alerts=_alerts(session, actor),
        horizon=horizon,
    )


def last_day_ahead(today: date, is_working_day: IsWorkingDay) -> date:
    """The third working day after today; what falls due on closed days before it is due soon as well."""
    days = (today + _DAY * number for number in range(1, _HORIZON.days))
    working = [day for day in days if is_working_day(day)][:WORKING_DAYS_AHEAD]
    # A desk that is closed for two months has no third day; whatever falls due meanwhile is soon enough.
    return working[-1] if len(working) == WORKING_DAYS_AHEAD else today + _HORIZON


def seen_by(actor: Actor) -> list[ColumnElement[bool]]:
    """The requests that this person's lists hold, as conditions of a query."""
    ordinary = [] if actor.sees_sensitive else [is_ordinary(Request.scope)]
    return [Request.controller == actor.controller, Request.is_test.is_(False), *ordinary]


def section(
    session: Session, query: Select[*tuple[Any, ...]], order: Sequence[SQLColumnExpression[Any]]
) -> Section[Any]:
    """The first rows of a query, and how many it has."""
    counted = query.add_columns(func.count().over().label("section_count"))
    rows = session.execute(counted.order_by(*order).limit(MOST_SHOWN)).all()
    return Section(rows, rows[0].section_count if rows else 0)


def own_first(column: SQLColumnExpression[Any], *mine: str) -> ColumnElement[int]:
    """Sorts what is somebody's own before what is nobody's, and that before what is a colleague's."""
    return case((column.in_(mine), 0), (column.is_(None), 1), else_=2)


def _due_between(first: date, last: date) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    # The earlier of the two clocks is always the one that began with the arrival: nobody is verified before it.
    return Request.received_at >= clock_begins(first), Request.received_at < clock_begins(last + _DAY)


def _requests(session: Session, actor: Actor, *fitting: ColumnElement[bool]) -> Section[Task]:
    query = select(*_COLUMNS, Request.received_at.label("since"))
    query = query.where(*seen_by(actor), is_running(), *fitting)
    return _tasks(section(session, query, (_own(actor), Request.received_at, Request.id)))


def _replies(session: Session, actor: Actor) -> Section[Task]:
    since = func.min(Alert.raised_at).label("since")
    query = select(*_COLUMNS, since).join(Alert, Alert.request_id == Request.id)
    query = query.where(*seen_by(actor), Alert.controller == actor.controller, Alert.sort == AlertSort.REPLY, stands())
    return _tasks(section(session, query.group_by(Request.id), (_own(actor), since, Request.id)))


def _alerts(session: Session, actor: Actor) -> Section[Told]:
    newest = func.row_number().over(
        partition_by=(Alert.request_id, Alert.sort), order_by=(Alert.raised_at.desc(), Alert.id)
    )
    columns = (Alert.id, Alert.sort, Alert.told, Alert.raised_at, Alert.request_id, Request.number, Request.kind)
    query = select(*columns, newest.label("place")).join(Request, Request.id == Alert.request_id)
    standing = query.where(
        *seen_by(actor), Alert.controller == actor.controller, Alert.sort.in_(TAKEN_UP_BY_A_PRESS), stands()
    ).subquery()
    told = select(standing).where(standing.c.place == 1)
    urgency = case({sort: place for place, sort in enumerate(TAKEN_UP_BY_A_PRESS)}, value=standing.c.sort)
    mine = case((standing.c.told.in_((actor.id, actor.account_id)), 0), else_=1)
    found = section(session, told, (mine, urgency, standing.c.raised_at, standing.c.id))
    return Section([_told(row) for row in found.rows], found.count)


def _own(actor: Actor) -> ColumnElement[int]:
    return own_first(Request.assignee, actor.id)


_COLUMNS = (
    Request.id,
    Request.number,
    Request.kind,
    Request.state,
    Request.channel,
    Request.assignee,
    Request.is_urgent,
    Request.without_delay,
    Request.received_at,
    Request.verified_at,
)


def _tasks(found: Section[Any]) -> Section[Task]:
    return Section([task_of(row, row.since) for row in found.rows], found.count)


def task_of(row: Any, since: datetime) -> Task:  # noqa: ANN401 - a request, or a row of the columns above
    """What stands in lists of a request that waits since a moment."""
    return Task(
        id=row.id,
        number=row.number,
        kind=Kind(row.kind),
        state=State(row.state),
        channel=row.channel,
        assignee=row.assignee,
        is_urgent=row.is_urgent,
        without_delay=row.without_delay,
        due=deadlines(row.received_at, row.verified_at),
        since=since,
    )


def _told(row: Any) -> Told:  # noqa: ANN401 - a row of the subquery above
    return Told(row.id, AlertSort(row.sort), row.told, row.raised_at, row.request_id, row.number, Kind(row.kind))
