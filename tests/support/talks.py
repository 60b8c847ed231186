"""Conversations as the gateway stores them, for the rooms of the console that read them."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from bot.storage import conversations, feedback, inbox, transcript
from bot.storage.conversations import Sender
from bot.storage.encryption import Vault
from bot.storage.inbox import Event, TurnBody
from bot.storage.models import Conversation, Entry, Member
from bot.storage.transcript import NewLine


@dataclass(frozen=True)
class Told:
    """One turn to be stored.

    Attributes:
        text: what the member said.
        kind: of the message that answers.
        stated: how sure the answer is.
        helpful: what the member thought of it.
        answer: its parts; one fixed text when None.
        trace: what is kept beside it.
        door: `say`, or `press` for a button.
    """

    text: str
    kind: str = "answer"
    stated: float | None = None
    helpful: bool | None = None
    answer: tuple[dict[str, Any], ...] = ({"type": "fixed", "text": "お答えします。"},)
    trace: dict[str, Any] | None = None
    door: str = "say"


def store_talk(
    session: Session,
    *turns: Told,
    vault: Vault,
    now: datetime,
    channel: str = "web",
    member: Member | None = None,
    **changes: Any,  # noqa: ANN401 - columns of the conversation
) -> Conversation:
    """A conversation of these turns, one a second, of a new member unless one is given."""
    if member is None:
        sender = Sender("eparkrelax", channel, secrets.token_hex(8))
        member = conversations.add_member(session, sender, vault=vault, now=now)
    conversation = conversations.start(session, member, now=now)
    for name, value in changes.items():
        setattr(conversation, name, value)
    for number, told in enumerate(turns):
        _store_turn(session, conversation, member, told, vault=vault, now=now + timedelta(seconds=number))
    return conversation


def _store_turn(
    session: Session, conversation: Conversation, member: Member, told: Told, *, vault: Vault, now: datetime
) -> None:
    event = Event(conversation.channel, secrets.token_hex(8), "hash")
    body = TurnBody(told.door, told.text)  # type: ignore[arg-type]  # one of the two doors
    row = inbox.add(session, event, conversation, body, vault=vault, now=now, due=now)
    conversations.count_turn(conversation, now=now)
    said = NewLine("member", {"kind": "member", "text": told.text})
    transcript.append(session, conversation, [said], vault=vault, now=now, turn_id=row.id)
    message = {"kind": told.kind, "text": "。", "parts": list(told.answer)}
    answer = NewLine("answer", message, told.trace, told.stated)
    transcript.append(session, conversation, [answer], vault=vault, now=now, turn_id=row.id)
    inbox.mark_done(session, row.id, now=now)
    if told.helpful is not None:
        entry = session.query(Entry.id).where(Entry.inbox_id == row.id, Entry.role == "answer").scalar()
        feedback.record(session, member, entry, helpful=told.helpful, vault=vault, now=now)
