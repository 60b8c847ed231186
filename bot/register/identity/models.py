"""Tables of who asks: proofs, one-time codes and their limits, visits of the request's page."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from bot.register.models import one_of
from bot.storage.engine import Base
from bot.storage.types import CONTROLLER, HASH, ID, PERSON, WORD, UtcDateTime
from bot.storage.walls import Owned

TRIES_A_CODE = 3
TRIES_A_DAY = 10
SENDS_A_DAY = 5


class ProofSort(StrEnum):
    """What showed who asks.

    Attributes:
        MAILBOX_CODE: a code came back that was sent to the address: a proof of the mailbox, not of a person.
        COLLATION: staff compared facts with what the company holds (照合) and noted whether they agree.
        DOCUMENT: staff looked at a document.
        MEMBER_TOKEN: the host site, where the member is logged in, vouched for them.
    """

    MAILBOX_CODE = "mailbox_code"
    COLLATION = "collation"
    DOCUMENT = "document"
    MEMBER_TOKEN = "member_token"  # noqa: S105 - the word for a sort of proof


class Purpose(StrEnum):
    """What a code is good for; it is worthless for anything else."""

    PROVE = "prove"
    OPEN = "open"
    DOWNLOAD = "download"


class Proof(Owned, Base):
    """One attempt to show who asks, and what came of it; `facts` names what was compared, never its value.

    `suffices` says whether it was enough for this kind of request, `binds_address` whether it ties the address that
    answers go to to the person whose data are meant.
    """

    __tablename__ = "proof"
    __table_args__ = (
        CheckConstraint(one_of("sort", tuple(ProofSort)), name="ck_proof_sort"),
        CheckConstraint("agrees OR NOT (suffices OR binds_address)", name="ck_proof_only_agreement_proves"),
        CheckConstraint("sort <> 'mailbox_code' OR NOT binds_address", name="ck_proof_mailbox_is_no_person"),
        Index("ix_proof_request", "request_id"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    controller: Mapped[str] = mapped_column(CONTROLLER)
    request_id: Mapped[str] = mapped_column(ID, ForeignKey("request.id"))
    sort: Mapped[str] = mapped_column(WORD)
    agrees: Mapped[bool] = mapped_column(Boolean)
    suffices: Mapped[bool] = mapped_column(Boolean)
    binds_address: Mapped[bool] = mapped_column(Boolean)
    facts: Mapped[list[str]] = mapped_column(JSON)
    by: Mapped[str] = mapped_column(PERSON)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Code(Owned, Base):
    """One wish for a code, and the code that was made for it.

    A wish is stored for any number that was entered, whether a request has it or not (`number_hash`); `jobs` makes the
    code afterwards where there is something to open. So the page does the same work in both cases, and neither words
    nor times say which it was. `sealed_code` is there only until the mail has gone.
    """

    __tablename__ = "code"
    __table_args__ = (
        UniqueConstraint("handle_hash", name="uq_code_handle"),
        CheckConstraint(one_of("purpose", tuple(Purpose)), name="ck_code_purpose"),
        CheckConstraint(f"tries BETWEEN 0 AND {TRIES_A_CODE}", name="ck_code_tries"),
        Index("ix_code_unmade", "made_at", "asked_at"),
        Index("ix_code_draft", "draft_id"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    controller: Mapped[str] = mapped_column(CONTROLLER)
    handle_hash: Mapped[str] = mapped_column(HASH)
    number_hash: Mapped[str | None] = mapped_column(HASH)
    sealed_number: Mapped[bytes | None] = mapped_column(LargeBinary)
    draft_id: Mapped[str | None] = mapped_column(ID, ForeignKey("draft.id"))
    request_id: Mapped[str | None] = mapped_column(ID, ForeignKey("request.id"))
    purpose: Mapped[str] = mapped_column(WORD)
    identity_hash: Mapped[str | None] = mapped_column(HASH)
    code_hash: Mapped[str | None] = mapped_column(HASH)
    sealed_code: Mapped[bytes | None] = mapped_column(LargeBinary)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    tries: Mapped[int] = mapped_column(Integer, default=0)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class CodeDay(Owned, Base):
    """How often one identity was sent a code, and tried one, on one Japanese day; the database keeps the limits."""

    __tablename__ = "code_day"
    __table_args__ = (
        CheckConstraint(f"sends BETWEEN 0 AND {SENDS_A_DAY}", name="ck_code_day_sends"),
        CheckConstraint(f"tries BETWEEN 0 AND {TRIES_A_DAY}", name="ck_code_day_tries"),
    )

    controller: Mapped[str] = mapped_column(CONTROLLER, primary_key=True)
    identity_hash: Mapped[str] = mapped_column(HASH, primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    sends: Mapped[int] = mapped_column(Integer, default=0)
    tries: Mapped[int] = mapped_column(Integer, default=0)


class Visit(Owned, Base):
    """A browser that has entered a number and a fresh code; the token lives in its cookie, here only its hash."""

    __tablename__ = "visit"
    __table_args__ = (UniqueConstraint("token_hash", name="uq_visit_token"), Index("ix_visit_draft", "draft_id"))

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    controller: Mapped[str] = mapped_column(CONTROLLER)
    draft_id: Mapped[str] = mapped_column(ID, ForeignKey("draft.id"))
    token_hash: Mapped[str] = mapped_column(HASH)
    opened_by: Mapped[str] = mapped_column(String(32))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
