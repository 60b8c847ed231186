"""Filed requests: finding them, taking them back, carrying them to the member's next conversation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from bot.register import audit
from bot.register.deadlines import policy_due_from_receipt
from bot.register.kinds import Kind
from bot.register.life import Move, locked_request, move
from bot.register.models import Contact, Draft, Request, State
from bot.register.numbers import read_number


@dataclass(frozen=True)
class RequestView:
    """A filed request without the member's words and contact details.

    Attributes:
        due: last day of the two weeks from arrival; for staff, never promised to a member.
        has_contact: whether an answer could be delivered at all.
        without_delay: whether it asks what the law wants answered without delay (`bot.register.duties`).
        is_urgent: whether staff want it done first.
        verified_at: when it was first known who asks.
        assignee: which member of staff looks after it, as `staff:` and who it is.
        held_at: since when it is kept from being forgotten.
        purged_at: when its content went.
    """

    id: str
    controller: str
    number: str
    draft_id: str
    kind: Kind
    scope: str | None
    state: State
    channel: str
    received_at: datetime
    due: date
    has_contact: bool
    is_test: bool
    without_delay: bool
    is_urgent: bool
    verified_at: datetime | None
    assignee: str | None
    held_at: datetime | None
    purged_at: datetime | None


def of_conversation(session: Session, conversation_id: str) -> list[RequestView]:
    """The requests of this conversation, newest first."""
    query = select(Request).where(Request.conversation_id == conversation_id)
    return views_of(session, list(session.scalars(query)))


def of_controller(session: Session, controller: str) -> list[RequestView]:
    """Every request to this company, newest first, tests included."""
    query = select(Request).where(Request.controller == controller)
    return views_of(session, list(session.scalars(query)))


def by_number(session: Session, number: str) -> RequestView | None:
    """The request of this receipt number, however a person spelt it."""
    canonical = read_number(number)
    row = session.scalar(select(Request).where(Request.number == canonical)) if canonical else None
    return None if row is None else views_of(session, [row])[0]


def by_id(session: Session, request_id: str) -> RequestView | None:
    """The request of this id."""
    row = session.get(Request, request_id)
    return None if row is None else views_of(session, [row])[0]


def holds_number(session: Session, number: str, conversation_id: str) -> bool:
    """Whether this conversation has a committed request of exactly this number."""
    found = exists().where(Request.number == number, Request.conversation_id == conversation_id)
    return bool(session.scalar(select(found)))


def withdraw(session: Session, request_id: str, *, now: datetime, actor: str = audit.MEMBER) -> RequestView:
    """Takes a request back for the member; a second time changes nothing.

    Args:
        session: the open transaction.
        request_id: which request.
        now: the present moment.
        actor: the member, or the member of staff whom the member told so.

    Raises:
        RequestIsUnknownError: no request has this id.
        StateForbidsError: it has been decided by now.
    """
    row = locked_request(session, request_id)
    if row.state != State.WITHDRAWN:
        move(session, row, Move.WITHDRAW, actor=actor, now=now)
    return views_of(session, [row])[0]


def carry(session: Session, from_conversation: str, to_conversation: str, *, now: datetime) -> None:
    """Moves open drafts and filed requests to the conversation in which the same member goes on."""
    session.execute(
        update(Draft)
        .where(Draft.conversation_id == from_conversation, Draft.dropped_at.is_(None))
        .values(conversation_id=to_conversation)
    )
    query = select(Request).where(Request.conversation_id == from_conversation).with_for_update()
    for row in session.scalars(query).all():
        row.conversation_id = to_conversation
        audit.record(
            session,
            row,
            action=audit.Action.REQUEST_CARRIED,
            actor=audit.SYSTEM,
            now=now,
            fields=("conversation_id",),
        )


def views_of(session: Session, rows: list[Request]) -> list[RequestView]:
    """Rows without what is sealed in them, newest first."""
    drafts = {row.draft_id for row in rows}
    with_contact = set(session.scalars(select(Contact.draft_id).where(Contact.draft_id.in_(drafts))))
    newest_first = sorted(rows, key=lambda row: (row.received_at, row.number), reverse=True)
    return [_view(row, has_contact=row.draft_id in with_contact) for row in newest_first]


def _view(row: Request, *, has_contact: bool) -> RequestView:
    return RequestView(
        id=row.id,
        controller=row.controller,
        number=row.number,
        draft_id=row.draft_id,
        kind=Kind(row.kind),
        scope=row.scope,
        state=State(row.state),
        channel=row.channel,
        received_at=row.received_at,
        due=policy_due_from_receipt(row.received_at),
        has_contact=has_contact,
        is_test=row.is_test,
        without_delay=row.without_delay,
        is_urgent=row.is_urgent,
        verified_at=row.verified_at,
        assignee=row.assignee,
        held_at=row.held_at,
        purged_at=row.purged_at,
    )
