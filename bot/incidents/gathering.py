"""Which values may be affected: out of both trails for a person, out of the sealed columns for a key or everything.

Nothing is opened: who owns a row, which column it is and which key sealed it stand beside what is sealed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from sqlalchemy import ColumnElement, LargeBinary, Select, String, and_, column, func, or_, select
from sqlalchemy.orm import Session

from bot.incidents.data import PLACES, SHOWN, Data, Owner
from bot.incidents.filters import Filters
from bot.register.audit import Action
from bot.register.models import AuditEvent, Request
from bot.register.trail.accesses import VIEWS_IN_THE_CONSOLE, VIEWS_OF_REQUESTS
from bot.register.trail.joined import OF_REQUESTS
from bot.staff.models import StaffEvent
from bot.staff.trail import StaffAction
from bot.storage.keyring import HEADER_BYTES
from bot.storage.models import Conversation
from bot.storage.sealed_columns import SealedColumn, sealed_columns
from bot.storage.types import UtcDateTime

_ROWS_AT_A_TIME = 5000
_TALK = "talk"
_TALKS = (StaffAction.TALK_READ, StaffAction.TALK_REVEALED)
# A printed request has who asks on it; so has a letter, beside what it says.
_ON_PAPER = {"file": Data.CONTACT, "letter": Data.DECISION, "label": Data.ADDRESS}
# What these show whatever their events name; of the others the events name it.
_BY_ACTION: dict[str, tuple[Data, ...]] = {
    Action.MESSAGES_READ: (Data.MESSAGES,),
    Action.FILE_READ: (Data.FILES,),
    StaffAction.TALK_READ: (Data.MASKED_TALK,),
    StaffAction.TALK_REVEALED: (Data.TALK,),
}


class Guard(IntEnum):
    """What stands between the data and whoever got hold of them, the weakest first.

    Attributes:
        CLEAR: nothing; they were read or passed on as they are.
        KEY_LEAKED: they are encrypted, but the very key is among what leaked.
        SEALED: they are encrypted, and nothing says that the key leaked.
    """

    CLEAR = 0
    KEY_LEAKED = 1
    SEALED = 2


@dataclass(frozen=True)
class Mark:
    """One sort of data of one owner."""

    owner: Owner
    id: str
    data: Data
    guard: Guard


@dataclass(frozen=True)
class Export:
    """A list that somebody took out: what stood in it no trail says."""

    id: str
    actor: str


def marks(session: Session, filters: Filters) -> Iterator[Mark]:
    """Whatever the filters say of; the same thing may come more than once."""
    if filters.is_everything:
        yield from _sealed(session, filters, Guard.SEALED)
    if filters.keys:
        yield from _sealed(session, filters, Guard.KEY_LEAKED)
    if filters.channels:
        yield from _sealed(session, filters, Guard.CLEAR)
    if filters.actors:
        yield from _seen_in_requests(session, filters)
        yield from _seen_in_the_console(session, filters)


def exports(session: Session, filters: Filters) -> list[Export]:
    """The lists that these people took out in the time; of nobody in particular, those of everybody."""
    query = select(StaffEvent.id, StaffEvent.actor).where(
        StaffEvent.controller == filters.controller,
        or_(
            StaffEvent.action == StaffAction.LIST_EXPORTED,
            and_(StaffEvent.action.in_(_TALKS), StaffEvent.sort != _TALK),
        ),
        StaffEvent.at >= filters.since,
        StaffEvent.at < filters.until,
    )
    if filters.actors:
        query = query.where(StaffEvent.actor.in_(filters.actors))
    elif not filters.is_everything:
        return []
    return [Export(*row) for row in session.execute(query.order_by(StaffEvent.position))]


def _sealed(session: Session, filters: Filters, guard: Guard) -> Iterator[Mark]:
    for place in sealed_columns(session.connection()):
        if place.table not in PLACES:
            continue
        known = PLACES[place.table]
        owner, since = column(known.owner_column, String), column(known.since_column, UtcDateTime)
        query = (
            select(owner)
            .select_from(place.source)
            .where(
                column("controller", String) == filters.controller,
                since < filters.until,
                owner.is_not(None),
                place.is_there,
                *_narrowed(place, owner, filters, guard),
            )
            .distinct()
        )
        for (id_,) in session.execute(query.execution_options(yield_per=_ROWS_AT_A_TIME)):
            yield Mark(known.owner, id_, known.holds[place.name], guard)


def _narrowed(
    place: SealedColumn, owner: ColumnElement[str], filters: Filters, guard: Guard
) -> Iterator[ColumnElement[bool]]:
    if guard is Guard.KEY_LEAKED:
        # What kind of key it is stands before the id and does not matter here.
        key_id = func.substr(place.value, 2, HEADER_BYTES - 1, type_=LargeBinary)
        yield key_id.in_([bytes.fromhex(key) for key in filters.keys])
    elif guard is Guard.CLEAR:
        yield owner.in_(_of_channels(PLACES[place.table].owner, filters))


def _of_channels(owner: Owner, filters: Filters) -> Select[str]:
    """The ids of what came over these channels in the time."""
    talks = (
        Conversation.channel.in_(filters.channels),
        Conversation.started_at < filters.until,
        Conversation.last_at >= filters.since,
    )
    requests = (
        Request.channel.in_(filters.channels),
        Request.received_at < filters.until,
        Request.received_at >= filters.since,
    )
    match owner:
        case Owner.REQUEST:
            return select(Request.id).where(*requests)
        case Owner.DRAFT:
            return select(Request.draft_id).where(*requests)
        case Owner.TALK:
            return select(Conversation.id).where(*talks)
        case Owner.MEMBER:
            return select(Conversation.member_id).where(*talks)


def _seen_in_requests(session: Session, filters: Filters) -> Iterator[Mark]:
    query = select(AuditEvent.request_id, AuditEvent.action, AuditEvent.fields).where(
        AuditEvent.controller == filters.controller,
        AuditEvent.actor.in_(filters.actors),
        AuditEvent.action.in_(VIEWS_OF_REQUESTS),
        AuditEvent.at >= filters.since,
        AuditEvent.at < filters.until,
    )
    for request_id, action, fields in session.execute(query.execution_options(yield_per=_ROWS_AT_A_TIME)):
        for data in _BY_ACTION.get(action) or {SHOWN[field] for field in fields if field in SHOWN}:
            yield Mark(Owner.REQUEST, request_id, data, Guard.CLEAR)


def _seen_in_the_console(session: Session, filters: Filters) -> Iterator[Mark]:
    query = select(StaffEvent.object_id, StaffEvent.action, StaffEvent.fields).where(
        StaffEvent.controller == filters.controller,
        StaffEvent.actor.in_(filters.actors),
        StaffEvent.action.in_(VIEWS_IN_THE_CONSOLE),
        StaffEvent.sort.in_((_TALK, OF_REQUESTS)),
        StaffEvent.object_id.is_not(None),
        StaffEvent.at >= filters.since,
        StaffEvent.at < filters.until,
    )
    for object_id, action, fields in session.execute(query.execution_options(yield_per=_ROWS_AT_A_TIME)):
        owner = Owner.TALK if action in _TALKS else Owner.REQUEST
        names = _ON_PAPER if action == StaffAction.REQUEST_PRINTED else SHOWN
        for data in _BY_ACTION.get(action) or {names[field] for field in fields if field in names}:
            yield Mark(owner, object_id or "", data, Guard.CLEAR)
