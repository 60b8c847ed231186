"""What became of looking whether the trails are whole: kept, so that everybody sees when that was last done."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.engine import Base
from bot.storage.types import CONTROLLER, ID, PERSON, UtcDateTime
from bot.storage.walls import Owned


class AuditCheck(Owned, Base):
    """One look at all chains of one company: how many events, how many places are broken, and the first of these."""

    __tablename__ = "audit_check"
    __table_args__ = (Index("ix_audit_check_at", "controller", "begun_at"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    controller: Mapped[str] = mapped_column(CONTROLLER)
    begun_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[str] = mapped_column(PERSON)
    events: Mapped[int] = mapped_column(Integer)
    broken: Mapped[int] = mapped_column(Integer)
    first_broken: Mapped[list[str]] = mapped_column(JSON)
