"""What was said: the lines a member sees again, and the traces staff may look at."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.storage import talks
from bot.storage.encryption import Vault
from bot.storage.forgetting import remove, rows
from bot.storage.models import Conversation, Entry, OpenQuestion
from bot.storage.retiring import retire

Role = Literal["member", "notice", "answer", "provisional"]


@dataclass(frozen=True)
class Line:
    """One line as the chat API shows it: `message` is the public JSON object."""

    id: str
    at: datetime
    role: str
    message: dict[str, Any]


@dataclass(frozen=True)
class TracedLine:
    """One line as staff may see it, with what was kept beside it for them."""

    line: Line
    trace: dict[str, Any] | None


@dataclass(frozen=True)
class NewLine:
    """One line to be kept.

    Attributes:
        role: whose line it is.
        message: the public JSON object.
        trace: what only staff may see.
        lowest_stated: the least `stated` of what searching answered in it; None where nothing was.
    """

    role: Role
    message: dict[str, Any]
    trace: dict[str, Any] | None = None
    lowest_stated: float | None = None


def append(
    session: Session,
    conversation: Conversation,
    lines: list[NewLine],
    *,
    vault: Vault,
    now: datetime,
    turn_id: str | None = None,
) -> None:
    """Adds lines at the end of a conversation."""
    last = session.scalar(select(func.max(Entry.position)).where(Entry.conversation_id == conversation.id)) or 0
    for position, line in enumerate(lines, start=last + 1):
        row_id = secrets.token_hex(16)
        session.add(
            Entry(
                id=row_id,
                controller=conversation.controller,
                conversation_id=conversation.id,
                inbox_id=turn_id,
                role=line.role,
                kind=line.message["kind"],
                position=position,
                at=now,
                sealed_message=_seal(vault, line.message, row_id, "sealed_message"),
                sealed_trace=None if line.trace is None else _seal(vault, line.trace, row_id, "sealed_trace"),
            )
        )
    session.flush()
    _count(session, conversation, lines)


def of_member(session: Session, member_id: str, *, vault: Vault) -> list[Line]:
    """Everything kept of the member's conversations, in order; what they have deleted is not shown to them."""
    query = (
        select(Entry)
        .join(Conversation, Conversation.id == Entry.conversation_id)
        .where(Conversation.member_id == member_id, Conversation.deletion_wanted_at.is_(None))
        .order_by(Entry.at, Conversation.started_at, Entry.position)
    )
    return [_line(row, vault) for row in session.scalars(query)]


def of_conversation(session: Session, conversation_id: str, *, vault: Vault) -> list[TracedLine]:
    """Everything kept of one conversation, in order."""
    query = select(Entry).where(Entry.conversation_id == conversation_id).order_by(Entry.at, Entry.position)
    return [TracedLine(_line(row, vault), _trace(row, vault)) for row in session.scalars(query)]


def of_turn(session: Session, turn_id: str, role: Role, *, vault: Vault) -> list[Line]:
    """The lines of one turn in one role, in order."""
    query = select(Entry).where(Entry.inbox_id == turn_id, Entry.role == role).order_by(Entry.position)
    return [_line(row, vault) for row in session.scalars(query)]


def of_entry(session: Session, entry_id: str, *, vault: Vault) -> Line:
    """One line that is known to be kept."""
    return _line(session.get_one(Entry, entry_id), vault)


def trace_of(session: Session, entry_id: str, *, vault: Vault) -> dict[str, Any] | None:
    """What was kept for staff beside one line that is known to be kept."""
    return _trace(session.get_one(Entry, entry_id), vault)


def take_back(session: Session, turn_id: str, *, vault: Vault) -> None:
    """Deletes what the member wrote in this turn; that something stood there stays to be seen."""
    for row in session.scalars(select(Entry).where(Entry.inbox_id == turn_id, Entry.role == "member")):
        retire(session, [row.sealed_message])
        row.sealed_message = _seal(vault, {"kind": "member", "text": "", "unsent": True}, row.id, "sealed_message")
    remove(session, rows(OpenQuestion, OpenQuestion.inbox_id == turn_id))


def was_answered(session: Session, member_id: str) -> bool:
    """Whether the member has ever been shown anything that is still kept."""
    query = (
        select(Entry.id)
        .join(Conversation, Conversation.id == Entry.conversation_id)
        .where(
            Conversation.member_id == member_id,
            Conversation.deletion_wanted_at.is_(None),
            Entry.role != "member",
        )
        .limit(1)
    )
    return session.scalar(query) is not None


def _count(session: Session, conversation: Conversation, lines: list[NewLine]) -> None:
    answers = [line for line in lines if line.role == "answer"]
    if answers:
        scores = [line.lowest_stated for line in answers if line.lowest_stated is not None]
        kinds = [line.message["kind"] for line in answers]
        talks.count_answers(session, conversation.id, kinds, min(scores, default=None))


def _line(row: Entry, vault: Vault) -> Line:
    plain = vault.open(row.sealed_message, table="transcript", row=row.id, column="sealed_message")
    return Line(id=row.id, at=row.at, role=row.role, message=json.loads(plain))


def _trace(row: Entry, vault: Vault) -> dict[str, Any] | None:
    if row.sealed_trace is None:
        return None
    trace: dict[str, Any] = json.loads(
        vault.open(row.sealed_trace, table="transcript", row=row.id, column="sealed_trace")
    )
    return trace


def _seal(vault: Vault, value: dict[str, Any], row_id: str, column: str) -> bytes:
    return vault.seal(json.dumps(value, ensure_ascii=False), table="transcript", row=row_id, column=column)
