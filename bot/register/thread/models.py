"""Tables of what is said and handed over within a request: messages and files, all sealed."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.register.models import index_where, one_of
from bot.storage.engine import Base
from bot.storage.types import CONTROLLER, HASH, ID, PERSON, WORD, UtcDateTime
from bot.storage.walls import Owned

LARGEST_FILE = 10 * 1024 * 1024


class Direction(StrEnum):
    """Whose words they are; a note is read by staff alone."""

    FROM_MEMBER = "from_member"
    TO_MEMBER = "to_member"
    NOTE = "note"


class FilePurpose(StrEnum):
    """What a file is for; an image of an identity document goes as soon as who asks has been verified."""

    IDENTITY = "identity"
    EVIDENCE = "evidence"
    ANSWER = "answer"
    ORIGINAL = "original"


class ThreadMessage(Owned, Base):
    """One message within a request; `asks` marks a question of staff that a reply is waited for."""

    __tablename__ = "thread_message"
    __table_args__ = (
        CheckConstraint(one_of("direction", tuple(Direction)), name="ck_thread_message_direction"),
        CheckConstraint("NOT asks OR direction = 'to_member'", name="ck_thread_message_only_staff_ask"),
        Index("ix_thread_message_request", "request_id", "at"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    controller: Mapped[str] = mapped_column(CONTROLLER)
    request_id: Mapped[str] = mapped_column(ID, ForeignKey("request.id"))
    direction: Mapped[str] = mapped_column(WORD)
    asks: Mapped[bool] = mapped_column(Boolean, default=False)
    sealed_text: Mapped[bytes] = mapped_column(LargeBinary)
    by: Mapped[str] = mapped_column(PERSON)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class StoredFile(Owned, Base):
    """One file, sealed whole; no process of ours opens or renders it. What was removed leaves its row behind."""

    __tablename__ = "stored_file"
    __table_args__ = (
        CheckConstraint(one_of("purpose", tuple(FilePurpose)), name="ck_stored_file_purpose"),
        CheckConstraint(f"size BETWEEN 1 AND {LARGEST_FILE}", name="ck_stored_file_size"),
        CheckConstraint(
            "(removed_at IS NULL) = (sealed_content IS NOT NULL)", name="ck_stored_file_is_there_or_removed"
        ),
        Index("ix_stored_file_draft", "draft_id"),
        index_where("removed_at IS NULL", "ix_stored_file_there", "controller", "purpose", "at"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    controller: Mapped[str] = mapped_column(CONTROLLER)
    draft_id: Mapped[str] = mapped_column(ID, ForeignKey("draft.id"))
    request_id: Mapped[str | None] = mapped_column(ID, ForeignKey("request.id"))
    purpose: Mapped[str] = mapped_column(WORD)
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[str] = mapped_column(HASH)
    sealed_name: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_content: Mapped[bytes | None] = mapped_column(LargeBinary)
    by: Mapped[str] = mapped_column(PERSON)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
