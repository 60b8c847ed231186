"""What members and staff write to each other within a request: sealed, and a member's words alert staff."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.register import audit
from bot.register.alerts.models import AlertSort
from bot.register.alerts.raising import raise_alert
from bot.register.alerts.standing import take_up
from bot.register.errors import MessageIsUnusableError, StateForbidsError
from bot.register.life import Move, can_move, locked_request, move
from bot.register.models import Request, State
from bot.register.notices import MemberNotice, tell_member
from bot.register.thread.models import Direction, ThreadMessage
from bot.storage.encryption import Vault

LONGEST_MESSAGE = 2000
MOST_MESSAGES = 100
"""Messages of one member within one request: more are no conversation, and each of them alerts somebody."""

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True)
class Message:
    """One message; `asks` marks a question that staff wait to be answered."""

    id: str
    direction: Direction
    asks: bool
    text: str = field(repr=False)
    by: str
    at: datetime
    read_at: datetime | None


def ask_member(session: Session, request_id: str, text: str, *, actor: str, now: datetime, vault: Vault) -> str:
    """Asks the member one thing; until it is answered, the request waits for the member, while its clocks run.

    Returns:
        The message's id.

    Raises:
        RequestIsUnknownError: no request has this id.
        MessageIsUnusableError: there is no text, or too much.
        StateForbidsError: nothing can be asked now: it is not known who asks, a question is open, or it is decided.
    """
    request = locked_request(session, request_id)
    row = _write(session, request, Direction.TO_MEMBER, text, by=actor, now=now, vault=vault)
    row.asks = True
    move(session, request, Move.ASK, actor=actor, now=now, fields=("text",))
    return row.id


def write_to_member(session: Session, request_id: str, text: str, *, actor: str, now: datetime, vault: Vault) -> str:
    """Writes to the member, who is told by mail that a message waits.

    Returns:
        The message's id.

    Raises:
        RequestIsUnknownError: no request has this id.
        MessageIsUnusableError: there is no text, or too much.
    """
    request = locked_request(session, request_id)
    row = _write(session, request, Direction.TO_MEMBER, text, by=actor, now=now, vault=vault)
    _record_written(session, request, row)
    tell_member(session, request, MemberNotice.MESSAGE, now=now, occasion=row.id)
    return row.id


def write_note(session: Session, request_id: str, text: str, *, actor: str, now: datetime, vault: Vault) -> str:
    """Keeps a note that staff alone read.

    Returns:
        The note's id.

    Raises:
        RequestIsUnknownError: no request has this id.
        MessageIsUnusableError: there is no text, or too much.
    """
    request = locked_request(session, request_id)
    row = _write(session, request, Direction.NOTE, text, by=actor, now=now, vault=vault)
    _record_written(session, request, row)
    return row.id


def member_writes(  # noqa: PLR0913 - a message, and what every step of the register takes
    session: Session,
    request_id: str,
    text: str,
    *,
    now: datetime,
    vault: Vault,
    once: str = "",
    actor: str = audit.MEMBER,
) -> str:
    """Takes what the member writes and alerts staff; it answers the question that is open, if one is.

    A request that was set aside without proof goes on by it.

    Args:
        session: the open transaction.
        request_id: which request.
        text: what the member writes.
        now: the present moment.
        vault: seals it.
        once: names the press that sends it; the same press again changes nothing.
        actor: the member, or the member of staff whom the member told it by telephone or letter.

    Returns:
        The message's id.

    Raises:
        RequestIsUnknownError: no request has this id.
        MessageIsUnusableError: there is no text, too much, or a message too many.
        StateForbidsError: the request was taken back.
    """
    request = locked_request(session, request_id)
    message_id = _id_of_press(request_id, once) if once else secrets.token_hex(16)
    if session.get(ThreadMessage, message_id) is not None:
        return message_id
    if request.state == State.WITHDRAWN:
        raise StateForbidsError(f"request {request.number} is {request.state}: nobody reads messages to it")
    _check_room(session, request_id)
    row = _write(session, request, Direction.FROM_MEMBER, text, by=actor, now=now, vault=vault, id_=message_id)
    if can_move(request, Move.REPLY):
        move(session, request, Move.REPLY, actor=actor, now=now, fields=("text",))
    elif can_move(request, Move.RESUME_IDENTITY):
        # What was set aside for want of a proof goes on as soon as its member speaks: the page says so.
        move(session, request, Move.RESUME_IDENTITY, actor=actor, now=now, fields=("text",))
    else:
        _record_written(session, request, row)
    raise_alert(session, request, AlertSort.REPLY, occasion=row.id, now=now)
    return row.id


def messages_of(session: Session, request_id: str, *, vault: Vault) -> list[Message]:
    """What the member and staff wrote to each other, oldest first, without notes: for the member's eyes."""
    return [_opened(row, vault) for row in _rows(session, request_id) if row.direction != Direction.NOTE]


def read_messages(session: Session, request_id: str, *, actor: str, now: datetime, vault: Vault) -> list[Message]:
    """Everything that was written, notes too, for a member of staff; the member's messages count as read by it.

    What alerted staff to them is taken up.

    Show nothing before the transaction has been committed.

    Raises:
        RequestIsUnknownError: no request has this id.
    """
    request = locked_request(session, request_id)
    rows = _rows(session, request_id)
    for row in rows:
        if row.direction == Direction.FROM_MEMBER and row.read_at is None:
            row.read_at = now
    if rows:
        audit.record(session, request, action=audit.Action.MESSAGES_READ, actor=actor, now=now)
        # A file that came in raises the same sort: whoever reads the messages has the list of files beside them.
        take_up(session, request_id, (AlertSort.REPLY,), actor=actor, now=now)
    return [_opened(row, vault) for row in rows]


def clean_text(text: str) -> str:
    """The text as it is kept: one sort of line break, no controls, nothing around it.

    Raises:
        MessageIsUnusableError: nothing is left, or too much.
    """
    cleaned = _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if not cleaned:
        raise MessageIsUnusableError("missing")
    if len(cleaned) > LONGEST_MESSAGE:
        raise MessageIsUnusableError("too_long")
    return cleaned


def _write(  # noqa: PLR0913 - a message has this many facts
    session: Session,
    request: Request,
    direction: Direction,
    text: str,
    *,
    by: str,
    now: datetime,
    vault: Vault,
    id_: str = "",
) -> ThreadMessage:
    message_id = id_ or secrets.token_hex(16)
    row = ThreadMessage(
        id=message_id,
        controller=request.controller,
        request_id=request.id,
        direction=direction,
        asks=False,
        sealed_text=vault.seal(clean_text(text), table="thread_message", row=message_id, column="sealed_text"),
        by=by,
        at=now,
    )
    session.add(row)
    session.flush()
    return row


def _record_written(session: Session, request: Request, row: ThreadMessage) -> None:
    audit.record(
        session, request, action=audit.Action.MESSAGE_WRITTEN, actor=row.by, now=row.at, fields=(row.direction,)
    )


def _id_of_press(request_id: str, once: str) -> str:
    return hashlib.sha256(f"{request_id}\x00{once}".encode("utf-8", "ignore")).hexdigest()[:32]


def _check_room(session: Session, request_id: str) -> None:
    of_member = select(func.count()).where(
        ThreadMessage.request_id == request_id, ThreadMessage.direction == Direction.FROM_MEMBER
    )
    if (session.scalar(of_member) or 0) >= MOST_MESSAGES:
        raise MessageIsUnusableError("too_many")


def _rows(session: Session, request_id: str) -> list[ThreadMessage]:
    query = select(ThreadMessage).where(ThreadMessage.request_id == request_id)
    return list(session.scalars(query.order_by(ThreadMessage.at, ThreadMessage.id)))


def _opened(row: ThreadMessage, vault: Vault) -> Message:
    return Message(
        id=row.id,
        direction=Direction(row.direction),
        asks=row.asks,
        text=vault.open(row.sealed_text, table="thread_message", row=row.id, column="sealed_text"),
        by=row.by,
        at=row.at,
        read_at=row.read_at,
    )
