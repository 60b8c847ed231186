"""Rows that belong to nothing, and what was taken in and then left lying: one sentence for each.

Most of it the database's own constraints refuse. It is looked for all the same: a restored backup, a repair by hand or
a fault of ours may have gone past them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import ForeignKeyConstraint, and_, exists, func, or_, select
from sqlalchemy.orm import Session

import bot.register.tables
import bot.staff.models  # noqa: F401 - both are imported for the tables they hang on Base.metadata
from bot.register.identity.models import Code
from bot.register.models import AuditEvent, AuditHead, Request
from bot.register.thread.models import StoredFile
from bot.storage import outbox
from bot.storage.engine import Base
from bot.storage.models import Conversation, Entry, Inbound, Outbound

# A turn is tried again for this long; then it is given up and says so.
_TURN_WAITS = timedelta(minutes=10)
# Whether events and heads have a request is seen where their chains are gone through.
_CHAINS = (AuditEvent.__tablename__, AuditHead.__tablename__)


def orphans(session: Session, *, now: datetime) -> Iterator[str]:
    """Every row that refers to what is not there, and every event of the inbox that nobody works on; ids alone."""
    for table in Base.metadata.sorted_tables:
        for constraint in table.foreign_key_constraints if table.name not in _CHAINS else ():
            yield from _without_parent(session, constraint)
    yield from _notices(session)
    yield from _files(session)
    yield from _lines(session)
    yield from _turns(session, before=now - _TURN_WAITS)


def _without_parent(session: Session, constraint: ForeignKeyConstraint) -> Iterator[str]:
    table, parent = constraint.table, constraint.referred_table.alias()
    pairs = [(one.parent, parent.c[one.column.name]) for one in constraint.elements]
    own_key = list(table.primary_key)
    query = select(*own_key).where(
        *(own.is_not(None) for own, _ in pairs), ~exists().where(and_(*(own == other for own, other in pairs)))
    )
    names = ", ".join(own.name for own, _ in pairs)
    for row in session.execute(query.order_by(*own_key)):
        yield f"{table.name} {'/'.join(map(str, row))}: its {names} refers to nothing"


def _notices(session: Session) -> Iterator[str]:
    of_request, of_code, of_turn = (Outbound.body[name].as_string() for name in ("request_id", "code_id", "turn"))
    waits = Outbound.state.in_(outbox.OPEN)
    lost = (
        # Requests stay; codes and turns go when their time is over, and a notice that went out may outlive them.
        ("request", and_(of_request.is_not(None), ~exists().where(Request.id == of_request))),
        ("code", and_(waits, of_code.is_not(None), ~exists().where(Code.id == of_code))),
        ("turn", and_(waits, Outbound.channel != "rasa", of_turn.is_not(None), ~exists().where(Inbound.id == of_turn))),
    )
    for what, condition in lost:
        for row_id in session.scalars(select(Outbound.id).where(condition).order_by(Outbound.id)):
            yield f"outbox {row_id}: its {what} is not there"


def _files(session: Session) -> Iterator[str]:
    content = StoredFile.sealed_content
    # What is sealed is never shorter than what was sealed.
    lacks = and_(StoredFile.removed_at.is_(None), or_(content.is_(None), func.length(content) < StoredFile.size))
    for file_id in session.scalars(select(StoredFile.id).where(lacks).order_by(StoredFile.id)):
        yield f"file {file_id}: its content is not there"
    left = and_(StoredFile.removed_at.is_not(None), content.is_not(None))
    for file_id in session.scalars(select(StoredFile.id).where(left).order_by(StoredFile.id)):
        yield f"file {file_id}: counts as removed, and its content is there"


def _lines(session: Session) -> Iterator[str]:
    is_there = exists().where(Conversation.id == Entry.conversation_id)
    for line_id in session.scalars(select(Entry.id).where(~is_there).order_by(Entry.id)):
        yield f"transcript {line_id}: its conversation is not there"


def _turns(session: Session, *, before: datetime) -> Iterator[str]:
    waits = select(Inbound.id).where(Inbound.state == "waiting").order_by(Inbound.received_at, Inbound.id)
    for turn_id in session.scalars(waits.where(Inbound.received_at < before)):
        yield f"inbox {turn_id}: has waited for more than ten minutes"
    is_there = exists().where(Conversation.id == Inbound.conversation_id)
    for turn_id in session.scalars(waits.where(~is_there)):
        yield f"inbox {turn_id}: its conversation is not there"
