"""Both trails of a company as one list: what happened to its requests, and what was done and seen in its console."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, Select, literal, select, tuple_
from sqlalchemy.orm import Session

from bot.register.models import AuditEvent, Request
from bot.staff.models import StaffEvent
from bot.storage.types import UtcDateTime

OF_REQUESTS = "request"
"""The sort of thing that every event of a request's own trail is about."""

_CONSOLE = ""


class Place(NamedTuple):
    """Where an event stands: its moment, whose chain it is in (the console's is empty), and its place there."""

    at: datetime
    chain: str
    position: int


@dataclass(frozen=True)
class Sought:
    """What is asked for; an empty field asks for everything.

    Attributes:
        actor: who did it.
        action: what was done.
        sort: the sort of thing that it was done to.
        request_id: the request that it was about.
        since: the first moment.
        before: the first moment after.
    """

    actor: str = ""
    action: str = ""
    sort: str = ""
    request_id: str = ""
    since: datetime | None = None
    before: datetime | None = None


@dataclass(frozen=True)
class TrailRow:
    """One event of either trail, with its links; `number` is the request's that it is about, if it is about one."""

    place: Place
    id: str
    actor: str
    role: str | None
    action: str
    sort: str
    object_id: str | None
    number: str | None
    fields: Sequence[str]
    reason: str | None
    prev_hash: str
    hash: str


def list_events(
    session: Session, controller: str, sought: Sought, *, after: Place | None = None, most: int
) -> list[TrailRow]:
    """The newest events first, `most` of them, behind a place; however far back, it costs the same.

    Args:
        session: a transaction.
        controller: whose trails.
        sought: which events.
        after: the place of the last event that is known already.
        most: how many at most.
    """
    found = [
        *([] if sought.sort not in ("", OF_REQUESTS) else _of_requests(session, controller, sought, after, most)),
        *_of_the_console(session, controller, sought, after, most),
    ]
    newest = heapq.nlargest(most, found, key=lambda row: row.place)
    return _with_numbers(session, newest)


def _of_requests(
    session: Session, controller: str, sought: Sought, after: Place | None, most: int
) -> Iterator[TrailRow]:
    query = _narrowed(select(*AuditEvent.__table__.columns), AuditEvent, controller, sought)
    if sought.request_id:
        query = query.where(AuditEvent.request_id == sought.request_id)
    if after is not None:
        query = query.where(_is_after_in_requests(after))
    order = (AuditEvent.at.desc(), AuditEvent.request_id.desc(), AuditEvent.position.desc())
    for row in session.execute(query.order_by(*order).limit(most)):
        place = Place(row.at, row.request_id, row.position)
        yield _row(row, place, role=None, sort=OF_REQUESTS, object_id=row.request_id, reason=None)


def _of_the_console(
    session: Session, controller: str, sought: Sought, after: Place | None, most: int
) -> Iterator[TrailRow]:
    query = _narrowed(select(*StaffEvent.__table__.columns), StaffEvent, controller, sought)
    if sought.sort:
        query = query.where(StaffEvent.sort == sought.sort)
    if sought.request_id:
        query = query.where(StaffEvent.object_id == sought.request_id)
    if after is not None:
        query = query.where(_is_after_in_the_console(after))
    order = (StaffEvent.at.desc(), StaffEvent.position.desc())
    for row in session.execute(query.order_by(*order).limit(most)):
        place = Place(row.at, _CONSOLE, row.position)
        yield _row(row, place, role=row.role, sort=row.sort, object_id=row.object_id, reason=row.reason)


def _narrowed(query: Select[Any], table: type[AuditEvent | StaffEvent], controller: str, sought: Sought) -> Select[Any]:
    query = query.where(table.controller == controller)
    if sought.actor:
        query = query.where(table.actor == sought.actor)
    if sought.action:
        query = query.where(table.action == sought.action)
    if sought.since is not None:
        query = query.where(table.at >= sought.since)
    return query if sought.before is None else query.where(table.at < sought.before)


# Newest first, the console's chain stands behind every request's at the same moment, since its name is empty.
def _is_after_in_requests(after: Place) -> ColumnElement[bool]:
    if after.chain == _CONSOLE:
        return AuditEvent.at < after.at
    here = tuple_(literal(after.at, UtcDateTime), literal(after.chain), literal(after.position))
    return tuple_(AuditEvent.at, AuditEvent.request_id, AuditEvent.position) < here


def _is_after_in_the_console(after: Place) -> ColumnElement[bool]:
    if after.chain != _CONSOLE:
        return StaffEvent.at <= after.at
    here = tuple_(literal(after.at, UtcDateTime), literal(after.position))
    return tuple_(StaffEvent.at, StaffEvent.position) < here


def _row(row: Row[Any], place: Place, **about: str | None) -> TrailRow:
    return TrailRow(
        place=place,
        id=row.id,
        actor=row.actor,
        action=row.action,
        number=None,
        fields=row.fields,
        prev_hash=row.prev_hash,
        hash=row.hash,
        **about,  # type: ignore[arg-type]  # `sort` is always given
    )


def _with_numbers(session: Session, rows: Sequence[TrailRow]) -> list[TrailRow]:
    wanted = {row.object_id for row in rows if row.sort == OF_REQUESTS and row.object_id is not None}
    # By the ids alone: with the company beside them SQLite reads every request that the company has.
    query = select(Request.id, Request.number).where(Request.id.in_(wanted))
    numbers = {row.id: row.number for row in session.execute(query)} if wanted else {}
    return [replace(row, number=numbers.get(row.object_id or "")) for row in rows]
