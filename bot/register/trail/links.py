"""Looks whether the trails of requests are whole: every broken place, in one pass that holds one event at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Select, Text, case, cast, exists, select
from sqlalchemy.orm import Session

from bot.register.models import AuditEvent, AuditHead, Request
from bot.storage.hash_chain import (
    Broken,
    BrokenTrail,
    Counted,
    Fault,
    Head,
    Link,
    faults_of,
    hash_of_plain,
    hash_of_stored,
    spelled_fields,
)
from bot.storage.raw_rows import raw_rows, spelled_moment

# Columns of tables and not of classes: a million rows are spared what classes need.
_REQUEST, _EVENT, _HEAD = Request.__table__, AuditEvent.__table__, AuditHead.__table__

_NO_HEAD_OF_OURS = ""
_QUOTES = 14
"""In the JSON of an event, beside those of its fields."""

_Rows = Iterator[tuple[Any, ...]]


def broken_trails(
    session: Session, controller: str | None = None, counted: Counted | None = None
) -> Iterator[BrokenTrail]:
    """Every broken place of the trails of all requests; `faults_of` says what cannot be found here.

    Requests and heads are read in the same statement as the events: what is written meanwhile is no false alarm, and
    a request whose trail is gone altogether shows as well.

    Args:
        session: open until the last place was taken.
        controller: the company whose requests are meant; all of them when None.
        counted: told how far it has come.
    """
    count = counted or Counted()
    for _, events in groupby(raw_rows(session, _everything(session, controller)), itemgetter(0)):
        yield from _of_one(events, count)
    for stray in (_stray_events(controller), _stray_heads(controller)):
        # Sorted here: for the database it would be a reason to go through all events in that order.
        for owner in sorted(session.scalars(stray)):
            yield BrokenTrail(owner, Broken(0, Fault.FOREIGN))


def _of_one(events: _Rows, count: Counted) -> Iterator[BrokenTrail]:
    first = next(events)
    _, number, head_position, head_hash, position, *_ = first
    if position is None and head_position is None:
        # Every request has been filed or entered, so that its trail has a beginning at least.
        yield BrokenTrail(number, Broken(1, Fault.MISSING))
        return
    head = None if head_position is None else Head(head_position, head_hash)
    whole = () if position is None else chain([first], events)
    for broken in faults_of(_links(whole, count), head):
        yield BrokenTrail(number, broken)


def _links(rows: Iterable[tuple[Any, ...]], count: Counted) -> Iterator[Link]:
    for _, _, _, _, position, prev_hash, own, id_, controller, request_id, at, actor, action, stored in rows:
        fields = spelled_fields(stored)
        said = f'["{id_}","{controller}","{request_id}",{position},"{at}","{actor}","{action}",{fields},"{prev_hash}"]'
        true_hash = hash_of_plain(said, _QUOTES + fields.count('"'))
        if true_hash is None or true_hash != own:
            before = (id_, controller, request_id, position, at, actor, action)
            true_hash = hash_of_stored(before, stored, (prev_hash,))
        count.add()
        # SQLite keeps a text as a place, too, and then it is none.
        yield Link(position if position.__class__ is int else 0, prev_hash, own, true_hash)


def _everything(session: Session, controller: str | None) -> Select[tuple[Any, ...]]:
    query: Select[tuple[Any, ...]] = (
        select(
            _REQUEST.c.id,
            _REQUEST.c.number,
            _HEAD.c.position.label("head_position"),
            # A head that names another company is the head of no chain of this one: it has a hash that none ends with.
            case((_HEAD.c.controller == _REQUEST.c.controller, _HEAD.c.hash), else_=_NO_HEAD_OF_OURS),
            _EVENT.c.position,
            _EVENT.c.prev_hash,
            _EVENT.c.hash,
            _EVENT.c.id,
            _EVENT.c.controller,
            _EVENT.c.request_id,
            spelled_moment(session, _EVENT.c.at),
            _EVENT.c.actor,
            _EVENT.c.action,
            cast(_EVENT.c.fields, Text),
        )
        .join_from(_REQUEST, _HEAD, _HEAD.c.request_id == _REQUEST.c.id, isouter=True)
        .join(_EVENT, _EVENT.c.request_id == _REQUEST.c.id, isouter=True)
        .order_by(_REQUEST.c.id, _EVENT.c.position)
    )
    # Concatenated, so that no index of the company's requests looks better than reading them in their order: rows
    # then come at once, and a million of them are not sorted first.
    return query if controller is None else query.where(_REQUEST.c.controller.concat("") == controller)


def _stray_events(controller: str | None) -> Select[str]:
    query = select(AuditEvent.id).where(~exists().where(Request.id == AuditEvent.request_id))
    return query if controller is None else query.where(AuditEvent.controller.concat("") == controller)


def _stray_heads(controller: str | None) -> Select[str]:
    query = select(AuditHead.request_id).where(~exists().where(Request.id == AuditHead.request_id))
    return query if controller is None else query.where(AuditHead.controller == controller)
