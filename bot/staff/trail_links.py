"""Looks whether the console's own trail is whole: every broken place, holding one event at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Select, Text, cast, exists, select
from sqlalchemy.orm import Session

from bot.staff.models import StaffEvent, StaffTrailHead
from bot.storage.hash_chain import Broken, BrokenTrail, Counted, Fault, Head, Link, faults_of, hash_of_stored
from bot.storage.raw_rows import raw_rows, spelled_moment

# Columns of tables and not of classes: a million rows are spared what classes need.
_EVENT, _HEAD = StaffEvent.__table__, StaffTrailHead.__table__


def broken_staff_trails(
    session: Session, controller: str | None = None, counted: Counted | None = None
) -> Iterator[BrokenTrail]:
    """Every broken place of the console's trail; `faults_of` says what cannot be found here.

    The head is read in the same statement as the events, so that what is written meanwhile is no false alarm.

    Args:
        session: open until the last place was taken.
        controller: the company whose trail is meant; all of them when None.
        counted: told how far it has come.
    """
    count = counted or Counted()
    for owner, events in groupby(raw_rows(session, _everything(session, controller)), itemgetter(0)):
        yield from (BrokenTrail(owner, one) for one in _of_one(events, count))
    for company in session.scalars(_headless(controller)):
        yield BrokenTrail(company, Broken(0, Fault.HEADLESS))


def _of_one(events: Iterator[tuple[Any, ...]], count: Counted) -> Iterator[Broken]:
    first = next(events)
    _, head_position, head_hash, position, *_ = first
    whole = () if position is None else chain([first], events)
    return faults_of(_links(whole, count), Head(head_position, head_hash))


def _links(rows: Iterable[tuple[Any, ...]], count: Counted) -> Iterator[Link]:
    for owner, _, _, position, prev_hash, own, id_, at, actor, role, action, sort, object_id, stored, reason in rows:
        before = (id_, owner, position, at, actor, role, action, sort, object_id)
        count.add()
        # SQLite keeps a text as a place, too, and then it is none.
        place = position if position.__class__ is int else 0
        yield Link(place, prev_hash, own, hash_of_stored(before, stored, (reason, prev_hash)))


def _everything(session: Session, controller: str | None) -> Select[tuple[Any, ...]]:
    query: Select[tuple[Any, ...]] = (
        select(
            _HEAD.c.controller,
            _HEAD.c.position.label("head_position"),
            _HEAD.c.hash.label("head_hash"),
            _EVENT.c.position,
            _EVENT.c.prev_hash,
            _EVENT.c.hash,
            _EVENT.c.id,
            spelled_moment(session, _EVENT.c.at),
            _EVENT.c.actor,
            _EVENT.c.role,
            _EVENT.c.action,
            _EVENT.c.sort,
            _EVENT.c.object_id,
            cast(_EVENT.c.fields, Text),
            _EVENT.c.reason,
        )
        .join_from(_HEAD, _EVENT, _EVENT.c.controller == _HEAD.c.controller, isouter=True)
        .order_by(_HEAD.c.controller, _EVENT.c.position)
    )
    return query if controller is None else query.where(_HEAD.c.controller == controller)


def _headless(controller: str | None) -> Select[str]:
    has_head = exists().where(StaffTrailHead.controller == StaffEvent.controller)
    query = select(StaffEvent.controller).where(~has_head).distinct().order_by(StaffEvent.controller)
    return query if controller is None else query.where(StaffEvent.controller == controller)
