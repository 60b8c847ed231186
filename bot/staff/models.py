"""The tables of the desk's people: accounts, sessions, and the trail of what was done and seen in the console."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from bot.staff.roles import Role
from bot.storage.engine import Base
from bot.storage.types import CONTROLLER, HASH, ID, WORD, UtcDateTime
from bot.storage.walls import Owned

_ACCOUNT = String(41)


class Account(Owned, Base):
    """One person at the desk; never deleted, since trails name it. `id` is what audit rows call them: `staff:<id>`.

    It is the company's own: a trail is one company's too, so that another one may have somebody of the same id.

    `setup_hash` is of the token of an open invitation, `setup_until` its end; `totp_step` is the last step of the
    second factor that was used, so that no code is good twice.
    """

    __tablename__ = "staff_account"
    __table_args__ = (
        CheckConstraint("role IN ({})".format(", ".join(f"'{role}'" for role in Role)), name="ck_staff_account_role"),
        UniqueConstraint("controller", "issuer", "subject", name="uq_staff_account_subject"),
        UniqueConstraint("setup_hash", name="uq_staff_account_setup"),
    )

    id: Mapped[str] = mapped_column(_ACCOUNT, primary_key=True)
    controller: Mapped[str] = mapped_column(CONTROLLER, primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    email: Mapped[str] = mapped_column(String(254))
    slack: Mapped[str | None] = mapped_column(WORD)
    deputy: Mapped[str | None] = mapped_column(_ACCOUNT)
    role: Mapped[str] = mapped_column(WORD)
    sees_sensitive: Mapped[bool] = mapped_column(Boolean, default=False)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    sealed_totp: Mapped[bytes | None] = mapped_column(LargeBinary)
    totp_step: Mapped[int] = mapped_column(Integer, default=0)
    issuer: Mapped[str | None] = mapped_column(String(200))
    subject: Mapped[str | None] = mapped_column(String(255))
    invited_by: Mapped[str] = mapped_column(String(64))
    invited_at: Mapped[datetime] = mapped_column(UtcDateTime)
    setup_hash: Mapped[str | None] = mapped_column(HASH)
    setup_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_login_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class StaffSession(Owned, Base):
    """Somebody logged in with one browser; the browser's token is nowhere stored."""

    __tablename__ = "staff_session"
    __table_args__ = (
        ForeignKeyConstraint(
            ["account_id", "controller"],
            ["staff_account.id", "staff_account.controller"],
            name="fk_staff_session_account",
        ),
        UniqueConstraint("token_hash", name="uq_staff_session_token"),
        Index("ix_staff_session_account", "account_id"),
        Index("ix_staff_session_used", "controller", "used_at"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    controller: Mapped[str] = mapped_column(CONTROLLER)
    account_id: Mapped[str] = mapped_column(_ACCOUNT)
    token_hash: Mapped[str] = mapped_column(HASH)
    opened_by: Mapped[str] = mapped_column(WORD)
    agent: Mapped[str] = mapped_column(String(200))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class StaffEvent(Owned, Base):
    """One thing that somebody did or saw in the console; `position` counts those of one company from 1.

    `fields` names what was written or shown, never the values; `reason` is given where a step asks for one and is
    written for the audit, so it holds no member's data.
    """

    __tablename__ = "staff_event"
    __table_args__ = (
        UniqueConstraint("controller", "position", name="uq_staff_event_position"),
        Index("ix_staff_event_at", "controller", "at"),
        Index("ix_staff_event_actor", "controller", "actor", "at"),
        Index("ix_staff_event_action", "controller", "action", "at", "actor"),
        Index("ix_staff_event_sort", "controller", "sort", "at"),
        Index("ix_staff_event_object", "controller", "object_id", "at"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    controller: Mapped[str] = mapped_column(CONTROLLER)
    position: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(64))
    role: Mapped[str | None] = mapped_column(WORD)
    action: Mapped[str] = mapped_column(WORD)
    sort: Mapped[str] = mapped_column(WORD)
    object_id: Mapped[str | None] = mapped_column(String(64))
    fields: Mapped[list[str]] = mapped_column(JSON)
    reason: Mapped[str | None] = mapped_column(String(400))
    prev_hash: Mapped[str] = mapped_column(HASH)
    hash: Mapped[str] = mapped_column(HASH)


class StaffTrailHead(Owned, Base):
    """The end of one company's trail; whoever adds an event holds its lock, so that the chain has one end."""

    __tablename__ = "staff_trail_head"

    controller: Mapped[str] = mapped_column(CONTROLLER, primary_key=True)
    position: Mapped[int] = mapped_column(Integer)
    hash: Mapped[str] = mapped_column(HASH)
