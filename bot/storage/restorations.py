"""Which backups this database was restored from, and when: what it gives out since must not be given out twice."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.storage.models import Restoration


def note_restoration(session: Session, *, backup: str, made_at: datetime, now: datetime) -> None:
    """Notes that the database has just been restored from the backup of this id, which was begun at `made_at`."""
    session.add(Restoration(at=now, backup=backup, made_at=made_at))
    session.flush()


def last_restoration(session: Session) -> datetime | None:
    """When it was last restored; None for a database that never was."""
    return session.scalar(select(func.max(Restoration.at)))
