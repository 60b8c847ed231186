"""The tables of the regression runs: what was run against what, and what became of each case.

Nothing of a member stands here: cases are written by staff and lie under version control.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, Float, ForeignKey, Index, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.engine import Base
from bot.storage.types import CONTROLLER, HASH, ID, PERSON, UtcDateTime
from bot.storage.walls import Owned

_POLICY = String(130)
_WORD = String(40)


class RegressionRun(Owned, Base):
    """One set run against one subject; runs that were asked for in one press share their `batch`.

    `state` is `waiting`, `running`, `done`, `failed` (it could not go on; `fault` says why) or `interrupted` (the
    process that ran it is gone). `subject` is `live`, `candidate` or `release`; `subject_digest` names its corpus,
    `set_digest` the cases.
    """

    __tablename__ = "regression_run"
    __table_args__ = (
        Index("ix_regression_run_set", "controller", "policy", "set_name", "started_at"),
        Index("ix_regression_run_state", "state"),
        Index("ix_regression_run_batch", "batch"),
        Index("ix_regression_run_subject", "controller", "policy", "subject_digest"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    batch: Mapped[str] = mapped_column(ID)
    controller: Mapped[str] = mapped_column(CONTROLLER)
    policy: Mapped[str] = mapped_column(_POLICY)
    set_name: Mapped[str] = mapped_column(_WORD)
    set_title: Mapped[str] = mapped_column(String(80))
    set_digest: Mapped[str] = mapped_column(HASH)
    passing: Mapped[float] = mapped_column(Float)
    subject: Mapped[str] = mapped_column(String(16))
    subject_digest: Mapped[str] = mapped_column(HASH)
    release: Mapped[int | None] = mapped_column(Integer)
    version: Mapped[str] = mapped_column(_WORD)
    model: Mapped[str] = mapped_column(String(200))
    index_release: Mapped[str] = mapped_column(HASH)
    code: Mapped[str] = mapped_column(HASH)
    state: Mapped[str] = mapped_column(String(16))
    fault: Mapped[str] = mapped_column(Text)
    started_by: Mapped[str] = mapped_column(PERSON)
    holder: Mapped[str] = mapped_column(ID)
    queued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cases: Mapped[int] = mapped_column(Integer)
    done: Mapped[int] = mapped_column(Integer)
    passed: Mapped[int] = mapped_column(Integer)
    is_green: Mapped[bool | None] = mapped_column(Boolean)


class RegressionResult(Owned, Base):
    """One case of a run: its verdict, and for each of its steps what was wanted, what came, and what was found."""

    __tablename__ = "regression_result"

    run_id: Mapped[str] = mapped_column(ID, ForeignKey("regression_run.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    controller: Mapped[str] = mapped_column(CONTROLLER)
    case_id: Mapped[str] = mapped_column(String(80))
    title: Mapped[str] = mapped_column(Text)
    passed: Mapped[bool] = mapped_column(Boolean)
    ms: Mapped[float] = mapped_column(Float)
    steps: Mapped[list[dict[str, Any]]] = mapped_column(JSON)


class TrialTalk(Owned, Base):
    """A conversation that somebody of the staff holds as a test: whose it is, and against which corpus."""

    __tablename__ = "trial_talk"
    __table_args__ = (Index("ix_trial_talk_at", "controller", "at"),)

    conversation_id: Mapped[str] = mapped_column(ID, primary_key=True)
    controller: Mapped[str] = mapped_column(CONTROLLER)
    held_by: Mapped[str] = mapped_column(PERSON)
    subject: Mapped[str] = mapped_column(String(16))
    subject_digest: Mapped[str] = mapped_column(HASH)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class TrialVerdict(Owned, Base):
    """What somebody of the staff thought of an answer they had tried: right or wrong, and why.

    The question is theirs, not a member's; it is kept sealed all the same, since a member's words may have been typed
    in. It goes by a press, once it has become a case or a card.
    """

    __tablename__ = "trial_verdict"
    __table_args__ = (Index("ix_trial_verdict_at", "controller", "policy", "at", "id"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    controller: Mapped[str] = mapped_column(CONTROLLER)
    policy: Mapped[str] = mapped_column(_POLICY)
    given_by: Mapped[str] = mapped_column(PERSON)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    is_right: Mapped[bool] = mapped_column(Boolean)
    subject: Mapped[str] = mapped_column(String(16))
    subject_digest: Mapped[str] = mapped_column(HASH)
    kind: Mapped[str] = mapped_column(String(16))
    sections: Mapped[list[str]] = mapped_column(JSON)
    sealed_words: Mapped[bytes] = mapped_column(LargeBinary)
