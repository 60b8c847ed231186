"""The tables of the conversations: who writes, what came in, what goes out, what was said.

Whatever a member wrote or read is sealed; what stays readable are ids, times and states. Every row names its
controller, so that one database can serve several companies without one company's staff seeing another's rows.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, Index, Integer, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.engine import Base
from bot.storage.types import UtcDateTime

ID_LENGTH = 32
_ID = String(ID_LENGTH)
_HASH = String(64)
_CONTROLLER = String(64)
_CHANNEL = String(16)
_STATE = String(16)


class Member(Base):
    """One person on one channel, found by a keyed hash; the platform's own id is sealed.

    `consented_at` is when they agreed to what the channel's first message says, where a platform asks for consent;
    `left_at` when they blocked or left us there, so that nothing more is sent.
    """

    __tablename__ = "member"
    __table_args__ = (UniqueConstraint("controller", "channel", "user_hash", name="uq_member_user"),)

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    controller: Mapped[str] = mapped_column(_CONTROLLER)
    channel: Mapped[str] = mapped_column(_CHANNEL)
    user_hash: Mapped[str] = mapped_column(_HASH)
    sealed_user: Mapped[bytes] = mapped_column(LargeBinary)
    conversation_id: Mapped[str | None] = mapped_column(_ID)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    consented_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Conversation(Base):
    """One conversation; its id is Rasa's sender id and says nothing about the person.

    The row outlives the deletion of what was said, since filed requests name it; it holds ids and times only.
    """

    __tablename__ = "conversation"
    __table_args__ = (Index("ix_conversation_member", "member_id"),)

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    controller: Mapped[str] = mapped_column(_CONTROLLER)
    channel: Mapped[str] = mapped_column(_CHANNEL)
    member_id: Mapped[str] = mapped_column(_ID, ForeignKey("member.id"))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_at: Mapped[datetime] = mapped_column(UtcDateTime)
    turns: Mapped[int] = mapped_column(Integer, default=0)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_test: Mapped[bool] = mapped_column(Boolean, default=False)


class IssuedChoice(Base):
    """A button that was shown: the opaque id a client sends back, and what Rasa then gets.

    `turn_id` is the turn in whose answer it was shown.
    """

    __tablename__ = "choice"
    __table_args__ = (Index("ix_choice_conversation", "conversation_id"),)

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    controller: Mapped[str] = mapped_column(_CONTROLLER)
    conversation_id: Mapped[str] = mapped_column(_ID)
    title: Mapped[str] = mapped_column(Text)
    payload: Mapped[str] = mapped_column(Text)
    turn_id: Mapped[str | None] = mapped_column(_ID)
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Inbound(Base):
    """One event that came in, stored before it was acknowledged.

    `state` is `waiting` (not answered yet, whether or not somebody works on it: that is what the lease says),
    `done`, `failed` (given up after the retry time), `noted` (no turn: an event that asks Rasa for nothing, and then
    there is no conversation) or `deleted` (the conversation was, or the member took the message back; only the fact
    that this event was seen remains, so that a redelivery is not answered anew). `occurred_at` is the platform's own
    moment, by which turns are ordered; `message_id` the platform's name of the message, by which a member takes it
    back.
    """

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("channel", "event_id", name="uq_inbox_event"),
        Index("ix_inbox_waiting", "state", "due_at"),
        Index("ix_inbox_conversation", "conversation_id", "received_at"),
        Index("ix_inbox_message", "channel", "message_id"),
    )

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    controller: Mapped[str] = mapped_column(_CONTROLLER)
    channel: Mapped[str] = mapped_column(_CHANNEL)
    event_id: Mapped[str] = mapped_column(String(200))
    body_hash: Mapped[str] = mapped_column(_HASH)
    conversation_id: Mapped[str | None] = mapped_column(_ID)
    message_id: Mapped[str | None] = mapped_column(String(100))
    sealed_event: Mapped[bytes | None] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(_STATE, default="waiting")
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    occurred_at: Mapped[datetime] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Entry(Base):
    """One line of a transcript: what a member wrote or pressed, or one Message that answered.

    `role` is `member`, `notice` (the first message), `answer`, or `provisional` (the apology of a turn that is
    still being tried). `position` counts the lines of the conversation. The trace is for staff and never leaves
    through the chat API.
    """

    __tablename__ = "transcript"
    __table_args__ = (
        Index("ix_transcript_conversation", "conversation_id", "at", "position"),
        Index("ix_transcript_inbox", "inbox_id"),
    )

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    controller: Mapped[str] = mapped_column(_CONTROLLER)
    conversation_id: Mapped[str] = mapped_column(_ID)
    inbox_id: Mapped[str | None] = mapped_column(_ID)
    role: Mapped[str] = mapped_column(_STATE)
    position: Mapped[int] = mapped_column(Integer, default=0)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    sealed_message: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_trace: Mapped[bytes | None] = mapped_column(LargeBinary)


class Feedback(Base):
    """What a member thought of one answer: helpful or not. It goes with the conversation."""

    __tablename__ = "feedback"
    __table_args__ = (
        UniqueConstraint("entry_id", name="uq_feedback_entry"),
        Index("ix_feedback_conversation", "conversation_id"),
    )

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    controller: Mapped[str] = mapped_column(_CONTROLLER)
    conversation_id: Mapped[str] = mapped_column(_ID)
    entry_id: Mapped[str] = mapped_column(_ID)
    helpful: Mapped[bool] = mapped_column(Boolean)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Outbound(Base):
    """One thing to be sent, stored in the transaction that causes it.

    The body holds ids, not texts: whoever sends looks the texts up, so that nothing personal waits here.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("dedupe_key", name="uq_outbox_dedupe"),
        Index("ix_outbox_waiting", "channel", "state", "due_at"),
    )

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    controller: Mapped[str] = mapped_column(_CONTROLLER)
    channel: Mapped[str] = mapped_column(_CHANNEL)
    recipient: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(32))
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    dedupe_key: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(_STATE, default="waiting")
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Lease(Base):
    """The right to do one thing alone for a while; it ends by itself when its holder dies."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    controller: Mapped[str] = mapped_column(_CONTROLLER)
    holder: Mapped[str] = mapped_column(_ID)
    until: Mapped[datetime] = mapped_column(UtcDateTime)
