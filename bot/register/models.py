"""The register's tables: drafts, requests, contact details, pages, and the audit trail of every request.

What a member wrote or entered is sealed. What stays readable are ids, numbers, kinds, states and times, so that
lists, deadlines and checks need no key. Two rules live in the database itself (see the migration): the time of
arrival and the number of a request never change, and an audit row is never changed or deleted.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column

from bot.register.kinds import FILED_KINDS
from bot.storage.engine import Base
from bot.storage.types import UtcDateTime

_ID = String(32)
_HASH = String(64)
_CONTROLLER = String(64)
_CHANNEL = String(16)
_WORD = String(32)


class State(StrEnum):
    """Where a filed request stands.

    Attributes:
        RECEIVED: it has arrived; nobody can be answered yet.
        IDENTITY_PENDING: contact details are there; who asks has not been verified.
        WITHDRAWN: the member took it back.
    """

    RECEIVED = "received"
    IDENTITY_PENDING = "identity_pending"
    WITHDRAWN = "withdrawn"


class Role(StrEnum):
    """Who makes the request: the person whose data are meant, or somebody for them."""

    SELF = "self"
    LEGAL_REPRESENTATIVE = "legal_representative"
    APPOINTED_AGENT = "appointed_agent"


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(str(value)) for value in values)})"


class Draft(Base):
    """What a member is about to ask for: the summary in the chat shows it, the confirming press files it."""

    __tablename__ = "draft"
    __table_args__ = (
        CheckConstraint("filed_at IS NULL OR dropped_at IS NULL", name="ck_draft_one_end"),
        Index("ix_draft_conversation", "conversation_id"),
    )

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    controller: Mapped[str] = mapped_column(_CONTROLLER)
    conversation_id: Mapped[str] = mapped_column(_ID)
    channel: Mapped[str] = mapped_column(_CHANNEL)
    kinds: Mapped[list[str]] = mapped_column(JSON)
    scope: Mapped[str | None] = mapped_column(String(200))
    sealed_words: Mapped[bytes | None] = mapped_column(LargeBinary)
    is_test: Mapped[bool] = mapped_column(Boolean, default=False)
    without_delay: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    filed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    dropped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Request(Base):
    """One filed request of one kind; its number and its time of arrival are fixed for ever."""

    __tablename__ = "request"
    __table_args__ = (
        UniqueConstraint("number", name="uq_request_number"),
        UniqueConstraint("draft_id", "kind", name="uq_request_draft_kind"),
        CheckConstraint(_one_of("kind", FILED_KINDS), name="ck_request_kind"),
        CheckConstraint(_one_of("state", tuple(State)), name="ck_request_state"),
        Index("ix_request_conversation", "conversation_id"),
        Index("ix_request_received", "controller", "received_at"),
    )

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    controller: Mapped[str] = mapped_column(_CONTROLLER)
    number: Mapped[str] = mapped_column(_WORD)
    draft_id: Mapped[str] = mapped_column(_ID, ForeignKey("draft.id"))
    kind: Mapped[str] = mapped_column(_WORD)
    scope: Mapped[str | None] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(_WORD)
    conversation_id: Mapped[str] = mapped_column(_ID)
    channel: Mapped[str] = mapped_column(_CHANNEL)
    sealed_words: Mapped[bytes | None] = mapped_column(LargeBinary)
    is_test: Mapped[bool] = mapped_column(Boolean, default=False)
    without_delay: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Contact(Base):
    """Who asks and how to answer: entered once on the secure page, for every request of one draft."""

    __tablename__ = "contact"
    __table_args__ = (
        UniqueConstraint("draft_id", name="uq_contact_draft"),
        CheckConstraint(_one_of("role", tuple(Role)), name="ck_contact_role"),
        Index("ix_contact_email", "controller", "email_hash"),
    )

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    controller: Mapped[str] = mapped_column(_CONTROLLER)
    draft_id: Mapped[str] = mapped_column(_ID, ForeignKey("draft.id"))
    role: Mapped[str] = mapped_column(_WORD)
    sealed_name: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_email: Mapped[bytes] = mapped_column(LargeBinary)
    email_hash: Mapped[str] = mapped_column(_HASH)
    sealed_remarks: Mapped[bytes | None] = mapped_column(LargeBinary)
    given_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Page(Base):
    """The right to open the secure page of one draft for a while; the token itself is nowhere stored."""

    __tablename__ = "request_page"
    __table_args__ = (
        UniqueConstraint("token_hash", name="uq_request_page_token"),
        Index("ix_request_page_draft", "draft_id"),
    )

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    controller: Mapped[str] = mapped_column(_CONTROLLER)
    draft_id: Mapped[str] = mapped_column(_ID, ForeignKey("draft.id"))
    token_hash: Mapped[str] = mapped_column(_HASH)
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AuditEvent(Base):
    """One thing that happened to a request; `position` counts the events of that request from 1."""

    __tablename__ = "audit"
    __table_args__ = (UniqueConstraint("request_id", "position", name="uq_audit_position"),)

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    controller: Mapped[str] = mapped_column(_CONTROLLER)
    request_id: Mapped[str] = mapped_column(_ID, ForeignKey("request.id"))
    position: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(_CONTROLLER)
    action: Mapped[str] = mapped_column(_WORD)
    fields: Mapped[list[str]] = mapped_column(JSON)
