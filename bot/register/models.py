"""The register's first tables: drafts, requests, contact details, pages, and the audit trail of every request.

What a member wrote or entered is sealed. What stays readable are ids, numbers, kinds, states and times, so that
lists, deadlines and checks need no key. Rules that no code of ours shall be able to break live in the database itself
(see the migrations): the time of arrival and the number of a request never change, an audit row is never changed or
deleted, a state is reached only on the ways that `bot.register.life` names.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from bot.register.kinds import FILED_KINDS
from bot.storage.engine import Base
from bot.storage.types import CHANNEL, CONTROLLER, HASH, ID, PERSON, WORD, UtcDateTime
from bot.storage.walls import Owned


class State(StrEnum):
    """Where a filed request stands; `bot.register.life` says who moves it from where to where.

    Attributes:
        RECEIVED: it has arrived; nobody can be answered yet.
        IDENTITY_PENDING: contact details are there; who asks has not been verified.
        IDENTITY_EXPIRED: nothing came that shows who asks; it goes on as soon as something does.
        VERIFIED: who asks has been verified, by the least proof that its kind needs.
        SCOPE_PENDING: staff asked the member something and wait for the reply.
        IN_REVIEW: staff look into it.
        DECIDED: staff have decided, a second person among them where one is needed; the member has not been told.
        NOTIFIED: the member has been told.
        CLOSED: what was decided is done and delivered.
        WITHDRAWN: the member took it back.
    """

    RECEIVED = "received"
    IDENTITY_PENDING = "identity_pending"
    IDENTITY_EXPIRED = "identity_expired"
    VERIFIED = "verified"
    SCOPE_PENDING = "scope_pending"
    IN_REVIEW = "in_review"
    DECIDED = "decided"
    NOTIFIED = "notified"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class Role(StrEnum):
    """Who makes the request: the person whose data are meant, or somebody for them.

    The law speaks of living persons (個人情報保護法 2条1項), so that what the bereaved ask is left to staff.
    """

    SELF = "self"
    LEGAL_REPRESENTATIVE = "legal_representative"
    APPOINTED_AGENT = "appointed_agent"
    BEREAVED = "bereaved"


class ReplyBy(StrEnum):
    """How the member wants to be answered, and so which address has to be there."""

    EMAIL = "email"
    POST = "post"
    PHONE = "phone"


TOLD_OR_OVER = (State.NOTIFIED, State.CLOSED, State.WITHDRAWN)
"""Where a request stands whose clock has stopped: the rest is what the queue holds, and its index."""


RESTING = (State.CLOSED, State.WITHDRAWN, State.IDENTITY_EXPIRED)
"""Where nothing is left to do for a request, unless its member comes back: here its period of keeping begins."""

RESTS = "rests_since IS NOT NULL AND purged_at IS NULL"
HELD = "held_at IS NOT NULL"
"""What retention and staff look for; each has an index, used by a query that says these very words."""


class Opens(StrEnum):
    """What a page's token is: a link that was shown, or the code printed on the receipt."""

    LINK = "link"
    RESUME_CODE = "resume_code"


def one_of(column: str, values: tuple[str, ...]) -> str:
    """The text of a check constraint that allows these values only."""
    return f"{column} IN ({', '.join(repr(str(value)) for value in values)})"


def index_where(condition: str, name: str, *columns: str) -> Index:
    """An index of the rows for which this holds; a query uses it by saying the condition in these very words."""
    return Index(name, *columns, sqlite_where=text(condition), postgresql_where=text(condition))


UNFILED = "filed_at IS NULL"
"""Drafts that are no request; they have an index, used by a query that says these very words."""

_RUNS = f"state NOT IN ({', '.join(repr(str(state)) for state in TOLD_OR_OVER)})"
_UNCHECKED = "entered_by IS NOT NULL AND arrival_checked_by IS NULL"


class Draft(Owned, Base):
    """What a member is about to ask for: the summary in the chat shows it, the confirming press files it.

    What staff enter has one too, filed at once; `original_hash` is the keyed hash by which the letter or mail that it
    was entered from is known again.
    """

    __tablename__ = "draft"
    __table_args__ = (
        CheckConstraint("filed_at IS NULL OR dropped_at IS NULL", name="ck_draft_one_end"),
        UniqueConstraint("controller", "original_hash", name="uq_draft_original"),
        Index("ix_draft_conversation", "conversation_id"),
        index_where(UNFILED, "ix_draft_unfiled", "controller", "created_at"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    controller: Mapped[str] = mapped_column(CONTROLLER)
    conversation_id: Mapped[str | None] = mapped_column(ID)
    channel: Mapped[str] = mapped_column(CHANNEL)
    kinds: Mapped[list[str]] = mapped_column(JSON)
    scope: Mapped[str | None] = mapped_column(String(200))
    sealed_words: Mapped[bytes | None] = mapped_column(LargeBinary)
    original_hash: Mapped[str | None] = mapped_column(HASH)
    is_test: Mapped[bool] = mapped_column(Boolean, default=False)
    without_delay: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    stops_advertising: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    filed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    dropped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    group_id: Mapped[str | None] = mapped_column(ID)


class RequestGroup(Base):
    """What one member asked several companies for at once: which companies, and the numbers that each gave it.

    Every one of them reads it, and so it says nothing else; it is written once. `companies` names them between blanks,
    `children` a company's id and name, the draft its requests came from, and their numbers; `draft_id` is the draft
    that the others were filed from.
    """

    __tablename__ = "request_group"
    __table_args__ = (UniqueConstraint("draft_id", name="uq_request_group_draft"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    draft_id: Mapped[str] = mapped_column(ID)
    companies: Mapped[str] = mapped_column(Text)
    children: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    is_test: Mapped[bool] = mapped_column(Boolean, default=False)
    filed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Request(Owned, Base):
    """One filed request of one kind; its number and its time of arrival are fixed for ever.

    What arrived otherwise than by a conversation was entered by staff (`entered_by`), has no conversation, and its
    time of arrival may be corrected until a second person has checked it. `verified_at` is the moment at which it was
    first known who asks; `sealed_particulars` is the JSON of the fields that its kind needs.

    `rests_since` is since when there is nothing to do for it (`RESTING`): its period of keeping counts from there, and
    `purged_at` is when its content went. Nothing goes while it is held (`held_at`, by whom, and why, sealed).
    """

    __tablename__ = "request"
    __table_args__ = (
        UniqueConstraint("number", name="uq_request_number"),
        UniqueConstraint("draft_id", "kind", name="uq_request_draft_kind"),
        UniqueConstraint("id", "kind", name="uq_request_id_kind"),
        CheckConstraint(one_of("kind", FILED_KINDS), name="ck_request_kind"),
        CheckConstraint(one_of("state", tuple(State)), name="ck_request_state"),
        CheckConstraint(
            "arrival_checked_by IS NULL OR (entered_by IS NOT NULL AND arrival_checked_by <> entered_by)",
            name="ck_request_arrival_two_people",
        ),
        CheckConstraint("verified_at IS NULL OR verified_at >= received_at", name="ck_request_verified_after_arrival"),
        Index("ix_request_conversation", "conversation_id"),
        Index("ix_request_received", "controller", "received_at"),
        Index("ix_request_state", "controller", "state", "received_at", "id"),
        # Two weeks from arrival never end after two weeks from verification: this is the order of the last days.
        index_where(_RUNS, "ix_request_running", "controller", "received_at", "id"),
        index_where(_RUNS, "ix_request_assignee", "controller", "assignee", "received_at", "id"),
        index_where(_UNCHECKED, "ix_request_unchecked", "controller", "entered_at"),
        index_where(RESTS, "ix_request_resting", "controller", "state", "rests_since", "id"),
        index_where(HELD, "ix_request_held", "controller", "received_at", "id"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    controller: Mapped[str] = mapped_column(CONTROLLER)
    number: Mapped[str] = mapped_column(WORD)
    draft_id: Mapped[str] = mapped_column(ID, ForeignKey("draft.id"))
    kind: Mapped[str] = mapped_column(WORD)
    scope: Mapped[str | None] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(WORD)
    conversation_id: Mapped[str | None] = mapped_column(ID)
    channel: Mapped[str] = mapped_column(CHANNEL)
    sealed_words: Mapped[bytes | None] = mapped_column(LargeBinary)
    sealed_particulars: Mapped[bytes | None] = mapped_column(LargeBinary)
    is_test: Mapped[bool] = mapped_column(Boolean, default=False)
    without_delay: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    is_urgent: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    verified_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    assignee: Mapped[str | None] = mapped_column(PERSON)
    entered_by: Mapped[str | None] = mapped_column(PERSON)
    entered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    arrival_checked_by: Mapped[str | None] = mapped_column(PERSON)
    arrival_checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    rests_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    purged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    held_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    held_by: Mapped[str | None] = mapped_column(PERSON)
    sealed_hold_reason: Mapped[bytes | None] = mapped_column(LargeBinary)


class Contact(Owned, Base):
    """Who asks, for whom, and how to answer: for every request of one draft.

    `sealed_subject` names the person whose data are meant, if that is not the one who asks. The consent's version
    says which text stood above the button when it was pressed.
    """

    __tablename__ = "contact"
    __table_args__ = (
        UniqueConstraint("draft_id", name="uq_contact_draft"),
        CheckConstraint(one_of("role", tuple(Role)), name="ck_contact_role"),
        CheckConstraint(one_of("reply_by", tuple(ReplyBy)), name="ck_contact_reply_by"),
        CheckConstraint(
            "(reply_by <> 'email' OR sealed_email IS NOT NULL) AND (reply_by <> 'post' OR sealed_address IS NOT NULL)"
            " AND (reply_by <> 'phone' OR sealed_phone IS NOT NULL)",
            name="ck_contact_can_be_reached",
        ),
        Index("ix_contact_email", "controller", "email_hash"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    controller: Mapped[str] = mapped_column(CONTROLLER)
    draft_id: Mapped[str] = mapped_column(ID, ForeignKey("draft.id"))
    role: Mapped[str] = mapped_column(WORD)
    reply_by: Mapped[str] = mapped_column(WORD, default=ReplyBy.EMAIL, server_default=ReplyBy.EMAIL)
    sealed_name: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_subject: Mapped[bytes | None] = mapped_column(LargeBinary)
    sealed_email: Mapped[bytes | None] = mapped_column(LargeBinary)
    email_hash: Mapped[str | None] = mapped_column(HASH)
    sealed_phone: Mapped[bytes | None] = mapped_column(LargeBinary)
    sealed_address: Mapped[bytes | None] = mapped_column(LargeBinary)
    sealed_remarks: Mapped[bytes | None] = mapped_column(LargeBinary)
    consent_version: Mapped[str | None] = mapped_column(WORD)
    given_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Page(Owned, Base):
    """The right to open the secure page of one draft for a while; the token itself is nowhere stored."""

    __tablename__ = "request_page"
    __table_args__ = (
        UniqueConstraint("token_hash", name="uq_request_page_token"),
        CheckConstraint(one_of("opens", tuple(Opens)), name="ck_request_page_opens"),
        Index("ix_request_page_draft", "draft_id"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    controller: Mapped[str] = mapped_column(CONTROLLER)
    draft_id: Mapped[str] = mapped_column(ID, ForeignKey("draft.id"))
    token_hash: Mapped[str] = mapped_column(HASH)
    opens: Mapped[str] = mapped_column(WORD, default=Opens.LINK, server_default=Opens.LINK)
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AuditEvent(Owned, Base):
    """One thing that happened to a request; `position` counts the events of that request from 1.

    `hash` covers every column before it and `prev_hash`, the hash of the event before (`bot.storage.hash_chain`).
    """

    __tablename__ = "audit"
    __table_args__ = (
        UniqueConstraint("request_id", "position", name="uq_audit_position"),
        # The order of the audit's list, and its filters that many events match: by person, by action, by both.
        Index("ix_audit_at", "controller", "at"),
        Index("ix_audit_actor", "controller", "actor", "at"),
        Index("ix_audit_action", "controller", "action", "at", "actor"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    controller: Mapped[str] = mapped_column(CONTROLLER)
    request_id: Mapped[str] = mapped_column(ID, ForeignKey("request.id"))
    position: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(PERSON)
    action: Mapped[str] = mapped_column(WORD)
    fields: Mapped[list[str]] = mapped_column(JSON)
    prev_hash: Mapped[str] = mapped_column(HASH)
    hash: Mapped[str] = mapped_column(HASH)


class AuditHead(Owned, Base):
    """The end of one request's trail, kept apart from it so that a tail that was cut off shows."""

    __tablename__ = "audit_head"

    request_id: Mapped[str] = mapped_column(ID, ForeignKey("request.id"), primary_key=True)
    controller: Mapped[str] = mapped_column(CONTROLLER)
    position: Mapped[int] = mapped_column(Integer)
    hash: Mapped[str] = mapped_column(HASH)
