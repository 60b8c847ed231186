"""The tables of what is published: releases, the one candidate of a policy, which release is in force, and the history.

A release is a whole snapshot of a policy's folder and never changes; the history is only added to. Both are kept so by
the database itself (see the migration). No member's data is in any of them.
"""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import Index, Integer, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.engine import Base
from bot.storage.types import CONTROLLER, HASH, ID, PERSON, WORD, UtcDateTime
from bot.storage.walls import Owned

_POLICY = String(128)


class Release(Owned, Base):
    """One published snapshot; `number` counts those of a policy from 1, and 0 is the folder of the repository.

    `run_id` is the green regression run that it was published on, `override_reason` why it was published without one:
    one of the two is there. `candidate_id` leads to the edits it was made of.
    """

    __tablename__ = "policy_release"
    __table_args__ = (UniqueConstraint("controller", "policy", "number", name="uq_policy_release_number"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    controller: Mapped[str] = mapped_column(CONTROLLER)
    policy: Mapped[str] = mapped_column(_POLICY)
    number: Mapped[int] = mapped_column(Integer)
    digest: Mapped[str] = mapped_column(HASH)
    packed_files: Mapped[bytes] = mapped_column(LargeBinary)
    based_on: Mapped[int] = mapped_column(Integer)
    candidate_id: Mapped[str] = mapped_column(ID)
    made_by: Mapped[str] = mapped_column(Text)
    published_by: Mapped[str] = mapped_column(PERSON)
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)
    run_id: Mapped[str | None] = mapped_column(ID)
    override_reason: Mapped[str | None] = mapped_column(String(400))
    note: Mapped[str] = mapped_column(String(400))

    @property
    def makers(self) -> tuple[str, ...]:
        """Whoever worked on it."""
        return tuple(json.loads(self.made_by))


class Candidate(Owned, Base):
    """What staff work on: the next snapshot of a policy; `version` counts its changes, so that none is overwritten."""

    __tablename__ = "policy_candidate"
    __table_args__ = (UniqueConstraint("controller", "policy", name="uq_policy_candidate_policy"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    controller: Mapped[str] = mapped_column(CONTROLLER)
    policy: Mapped[str] = mapped_column(_POLICY)
    version: Mapped[int] = mapped_column(Integer)
    based_on: Mapped[int] = mapped_column(Integer)
    digest: Mapped[str] = mapped_column(HASH)
    packed_files: Mapped[bytes] = mapped_column(LargeBinary)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ReleasePointer(Owned, Base):
    """Which release of a policy is in force: one row, changed by one statement. No row is release 0."""

    __tablename__ = "policy_release_pointer"

    controller: Mapped[str] = mapped_column(CONTROLLER, primary_key=True)
    policy: Mapped[str] = mapped_column(_POLICY, primary_key=True)
    number: Mapped[int] = mapped_column(Integer)
    digest: Mapped[str] = mapped_column(HASH)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ReleaseEvent(Owned, Base):
    """One thing that happened to a policy's candidate or releases; `position` counts those of a policy from 1.

    `what` is `card:<id>` and the like; `reason` is why something was published without a green run, or taken back.
    """

    __tablename__ = "policy_release_event"
    __table_args__ = (
        UniqueConstraint("controller", "policy", "position", name="uq_policy_release_event_position"),
        Index("ix_policy_release_event_candidate", "candidate_id", "position"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    controller: Mapped[str] = mapped_column(CONTROLLER)
    policy: Mapped[str] = mapped_column(_POLICY)
    position: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(PERSON)
    action: Mapped[str] = mapped_column(WORD)
    candidate_id: Mapped[str | None] = mapped_column(ID)
    number: Mapped[int | None] = mapped_column(Integer)
    what: Mapped[str] = mapped_column(String(120))
    reason: Mapped[str | None] = mapped_column(String(400))
