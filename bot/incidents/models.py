"""The table of incidents: what was noticed when, what may be affected, what people decided; no personal data."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Date, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.engine import Base
from bot.storage.partial import only_where
from bot.storage.types import PERSON, UtcDateTime
from bot.storage.walls import Owned

RUNS = "closed_at IS NULL"
"""Incidents whose clocks still count."""


class Incident(Owned, Base):
    """One leak, or what may be one; kept for good, since it says when the company knew.

    `filters` and `counts` are those of `bot.incidents`: names of staff and channels, ids of keys, and numbers.
    `grounds` is None until somebody has judged; empty when none obliges to report. An incident is closed by its final
    report, or by the judgement that none is owed.
    """

    __tablename__ = "incident"
    __table_args__ = (
        CheckConstraint("before > since", name="ck_incident_time"),
        CheckConstraint("(judged_by IS NULL) = (judged_at IS NULL)", name="ck_incident_judged"),
        Index("ix_incident_noticed", "controller", "noticed_at"),
        Index("ix_incident_running", "controller", "final_by", **only_where(RUNS)),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    controller: Mapped[str] = mapped_column(String(64))
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    before: Mapped[datetime] = mapped_column(UtcDateTime)
    filters: Mapped[dict[str, Any]] = mapped_column(JSON)
    counts: Mapped[dict[str, Any]] = mapped_column(JSON)
    noticed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    opened_by: Mapped[str] = mapped_column(PERSON)
    first_by: Mapped[date] = mapped_column(Date)
    final_by: Mapped[date] = mapped_column(Date)
    grounds: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    judged_by: Mapped[str | None] = mapped_column(PERSON)
    judged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    first_reported_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    final_reported_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
