"""The tables of the conversations: who writes, what came in, what goes out, what was said.

Whatever a member wrote or read is sealed; what stays readable are ids, times and states. Every row names its
controller, so that one database can serve several companies without one company's staff seeing another's rows.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.engine import Base
from bot.storage.partial import only_where
from bot.storage.types import CHANNEL, CONTROLLER, HASH, ID, PERSON, UtcDateTime
from bot.storage.walls import Owned

_STATE = String(16)

LISTED = "NOT is_test AND deleted_at IS NULL AND turns > 0"
"""Conversations that staff find in the list: somebody said something, no test, and it is still kept."""

MISSED = "not_in_policy + out_of_scope + clarify + errors > 0"
LOW = "lowest_stated < 0.5"
DISLIKED = "unhelpful > 0"
WITH_RECEIPT = "receipts > 0"
UNCOUNTED = "NOT is_counted"
UNANSWERED = "kind IN ('not_in_policy', 'out_of_scope', 'clarify')"
UNHELPFUL = "NOT helpful"
APART = "conversation_id IS NULL"
KEPT = "deleted_at IS NULL"
KEPT_TEST = "is_test AND deleted_at IS NULL"
UNWANTED = "deletion_wanted_at IS NOT NULL AND deleted_at IS NULL"
GONE = "deleted_at IS NOT NULL"
EMPTIED = "state IN ('deleted', 'noted')"
OVER = "state NOT IN ('waiting', 'kept')"
"""What lists, figures and retention are narrowed to; each has an index, used by a query that says these very words."""


def _count() -> Mapped[int]:
    return mapped_column(Integer, default=0, server_default="0")


def _by_last(name: str, condition: str, *columns: str) -> Index:
    return Index(name, "controller", *columns, "last_at", "id", **only_where(condition))


class Member(Owned, Base):
    """One person on one channel, found by a keyed hash; the platform's own id is sealed.

    `consented_at` is when they agreed to what the channel's first message says, where a platform asks for consent;
    `left_at` when they blocked or left us there, so that nothing more is sent.
    """

    __tablename__ = "member"
    __table_args__ = (
        UniqueConstraint("controller", "channel", "user_hash", name="uq_member_user"),
        Index("ix_member_apart", "controller", "created_at", **only_where(APART)),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    controller: Mapped[str] = mapped_column(CONTROLLER)
    channel: Mapped[str] = mapped_column(CHANNEL)
    user_hash: Mapped[str] = mapped_column(HASH)
    sealed_user: Mapped[bytes] = mapped_column(LargeBinary)
    conversation_id: Mapped[str | None] = mapped_column(ID)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    consented_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Conversation(Owned, Base):
    """One conversation; its id is Rasa's sender id and says nothing about the person.

    The row outlives the deletion of what was said, since filed requests name it; it holds ids and times only then.

    While it is kept, it also says in numbers what was answered, since lists open nothing that is sealed: how many
    messages of each kind a member got, how many of them they called helpful or not, the least `stated` of an answer
    that no card gave, and what staff say of it (`open`, `checked` or `improve`). `is_counted` says whether the figures
    of its day (`TalkDay`) hold these numbers. `deletion_wanted_at` is when its member deleted it while a legal hold
    kept it: they no longer see it, and it goes when the hold ends.
    """

    __tablename__ = "conversation"
    __table_args__ = (
        CheckConstraint("review IN ('open', 'checked', 'improve')", name="ck_conversation_review"),
        Index("ix_conversation_member", "member_id"),
        Index("ix_conversation_started", "controller", "started_at"),
        Index("ix_conversation_uncounted", "controller", "started_at", **only_where(UNCOUNTED)),
        _by_last("ix_conversation_listed", LISTED),
        Index("ix_conversation_kept", "last_at", **only_where(KEPT)),
        Index("ix_conversation_kept_test", "last_at", **only_where(KEPT_TEST)),
        Index("ix_conversation_unwanted", "last_at", **only_where(UNWANTED)),
        Index("ix_conversation_gone", "controller", "deleted_at", **only_where(GONE)),
        _by_last("ix_conversation_channel", LISTED, "channel"),
        _by_last("ix_conversation_review", LISTED, "review"),
        _by_last("ix_conversation_missed", f"{LISTED} AND {MISSED}"),
        _by_last("ix_conversation_low", f"{LISTED} AND {LOW}"),
        _by_last("ix_conversation_disliked", f"{LISTED} AND {DISLIKED}"),
        _by_last("ix_conversation_receipt", f"{LISTED} AND {WITH_RECEIPT}"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    controller: Mapped[str] = mapped_column(CONTROLLER)
    channel: Mapped[str] = mapped_column(CHANNEL)
    member_id: Mapped[str] = mapped_column(ID, ForeignKey("member.id"))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_at: Mapped[datetime] = mapped_column(UtcDateTime)
    turns: Mapped[int] = mapped_column(Integer, default=0)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    deletion_wanted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_test: Mapped[bool] = mapped_column(Boolean, default=False)
    answers: Mapped[int] = _count()
    not_in_policy: Mapped[int] = _count()
    out_of_scope: Mapped[int] = _count()
    clarify: Mapped[int] = _count()
    handovers: Mapped[int] = _count()
    errors: Mapped[int] = _count()
    receipts: Mapped[int] = _count()
    helpful: Mapped[int] = _count()
    unhelpful: Mapped[int] = _count()
    lowest_stated: Mapped[float | None] = mapped_column(Float)
    is_counted: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    review: Mapped[str] = mapped_column(_STATE, default="open", server_default="open")
    reviewed_by: Mapped[str | None] = mapped_column(PERSON)
    reviewed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sealed_review_note: Mapped[bytes | None] = mapped_column(LargeBinary)


class IssuedChoice(Owned, Base):
    """A button that was shown: the opaque id a client sends back, and what Rasa then gets.

    `turn_id` is the turn in whose answer it was shown.
    """

    __tablename__ = "choice"
    __table_args__ = (Index("ix_choice_conversation", "conversation_id"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    controller: Mapped[str] = mapped_column(CONTROLLER)
    conversation_id: Mapped[str] = mapped_column(ID)
    title: Mapped[str] = mapped_column(Text)
    payload: Mapped[str] = mapped_column(Text)
    turn_id: Mapped[str | None] = mapped_column(ID)
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Inbound(Owned, Base):
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
        Index("ix_inbox_emptied", "controller", "done_at", **only_where(EMPTIED)),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    controller: Mapped[str] = mapped_column(CONTROLLER)
    channel: Mapped[str] = mapped_column(CHANNEL)
    event_id: Mapped[str] = mapped_column(String(200))
    body_hash: Mapped[str] = mapped_column(HASH)
    conversation_id: Mapped[str | None] = mapped_column(ID)
    message_id: Mapped[str | None] = mapped_column(String(100))
    sealed_event: Mapped[bytes | None] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(_STATE, default="waiting")
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    occurred_at: Mapped[datetime] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Entry(Owned, Base):
    """One line of a transcript: what a member wrote or pressed, or one Message that answered.

    `role` is `member`, `notice` (the first message), `answer`, or `provisional` (the apology of a turn that is
    still being tried). `position` counts the lines of the conversation. `kind` is that of the sealed message; it is
    None for answers from before it was kept. The trace is for staff and never leaves through the chat API.
    """

    __tablename__ = "transcript"
    __table_args__ = (
        Index("ix_transcript_conversation", "conversation_id", "at", "position"),
        Index("ix_transcript_inbox", "inbox_id"),
        Index("ix_transcript_unanswered", "controller", "at", "id", **only_where(UNANSWERED)),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    controller: Mapped[str] = mapped_column(CONTROLLER)
    conversation_id: Mapped[str] = mapped_column(ID)
    inbox_id: Mapped[str | None] = mapped_column(ID)
    role: Mapped[str] = mapped_column(_STATE)
    kind: Mapped[str | None] = mapped_column(_STATE)
    position: Mapped[int] = mapped_column(Integer, default=0)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    sealed_message: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_trace: Mapped[bytes | None] = mapped_column(LargeBinary)


class Feedback(Owned, Base):
    """What a member thought of one answer: helpful or not. It goes with the conversation."""

    __tablename__ = "feedback"
    __table_args__ = (
        UniqueConstraint("entry_id", name="uq_feedback_entry"),
        Index("ix_feedback_conversation", "conversation_id"),
        Index("ix_feedback_unhelpful", "controller", "at", "entry_id", **only_where(UNHELPFUL)),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    controller: Mapped[str] = mapped_column(CONTROLLER)
    conversation_id: Mapped[str] = mapped_column(ID)
    entry_id: Mapped[str] = mapped_column(ID)
    helpful: Mapped[bool] = mapped_column(Boolean)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Outbound(Owned, Base):
    """One thing to be sent, stored in the transaction that causes it.

    The body holds ids, not texts: whoever sends looks the texts up, so that nothing personal waits here.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("controller", "dedupe_key", name="uq_outbox_dedupe"),
        Index("ix_outbox_waiting", "channel", "state", "due_at"),
        Index("ix_outbox_over", "controller", "due_at", **only_where(OVER)),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    controller: Mapped[str] = mapped_column(CONTROLLER)
    channel: Mapped[str] = mapped_column(CHANNEL)
    recipient: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(32))
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    dedupe_key: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(_STATE, default="waiting")
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Lease(Owned, Base):
    """The right to do one thing alone for a while; it ends by itself when its holder dies."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    controller: Mapped[str] = mapped_column(CONTROLLER)
    holder: Mapped[str] = mapped_column(ID)
    until: Mapped[datetime] = mapped_column(UtcDateTime)


class Beat(Owned, Base):
    """When something that recurs was last done, so that one that silently stops is noticed (`bot.storage.beats`)."""

    __tablename__ = "beat"

    controller: Mapped[str] = mapped_column(CONTROLLER, primary_key=True)
    name: Mapped[str] = mapped_column(_STATE, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Restoration(Base):
    """That this database was restored at a moment, and from which backup (`bot.storage.restorations`)."""

    __tablename__ = "restoration"

    at: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    backup: Mapped[str] = mapped_column(ID)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class TalkDay(Owned, Base):
    """What the conversations that began on one Japanese day came to on one channel, in numbers.

    One row holds those that are kept, and is worked out anew whenever one of them changes; the other (`of_deleted`)
    those that have been deleted, whose own rows tell nothing more then. Tests are in neither.
    """

    __tablename__ = "talk_day"

    controller: Mapped[str] = mapped_column(CONTROLLER, primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    channel: Mapped[str] = mapped_column(CHANNEL, primary_key=True)
    of_deleted: Mapped[bool] = mapped_column(Boolean, primary_key=True)
    talks: Mapped[int] = _count()
    turns: Mapped[int] = _count()
    answers: Mapped[int] = _count()
    not_in_policy: Mapped[int] = _count()
    out_of_scope: Mapped[int] = _count()
    clarify: Mapped[int] = _count()
    handovers: Mapped[int] = _count()
    errors: Mapped[int] = _count()
    receipts: Mapped[int] = _count()
    helpful: Mapped[int] = _count()
    unhelpful: Mapped[int] = _count()


class QuestionGroup(Owned, Base):
    """Questions of members that nothing answers, alike in meaning: made by one run, replaced by the next.

    `nearest` is the id of the card or gap that comes nearest, `likeness` how near it comes (a cosine).
    """

    __tablename__ = "question_group"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    controller: Mapped[str] = mapped_column(CONTROLLER)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    nearest: Mapped[str | None] = mapped_column(String(100))
    likeness: Mapped[float] = mapped_column(Float)


class OpenQuestion(Owned, Base):
    """One question of a member that got no good answer; it goes with the words.

    Its id is that of the line that answered. The words stand in the inbox alone; `sealed_vector` is what the model
    `model` made of them. `typicality` says how near it is to the middle of its group.
    """

    __tablename__ = "open_question"
    __table_args__ = (
        Index("ix_open_question_group", "group_id"),
        Index("ix_open_question_conversation", "conversation_id"),
        Index("ix_open_question_turn", "inbox_id"),
        Index("ix_open_question_at", "controller", "at"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    controller: Mapped[str] = mapped_column(CONTROLLER)
    conversation_id: Mapped[str] = mapped_column(ID)
    inbox_id: Mapped[str] = mapped_column(ID)
    member_id: Mapped[str] = mapped_column(ID)
    why: Mapped[str] = mapped_column(_STATE)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    model: Mapped[str] = mapped_column(String(200))
    sealed_vector: Mapped[bytes] = mapped_column(LargeBinary)
    group_id: Mapped[str | None] = mapped_column(ID)
    typicality: Mapped[float] = mapped_column(Float, default=0.0, server_default="0")
