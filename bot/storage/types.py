"""Column types that mean the same on SQLite and on PostgreSQL, and how long is what many tables hold."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import DateTime, Dialect, String
from sqlalchemy.types import TypeDecorator

ID = String(32)
HASH = String(64)
CONTROLLER = String(64)
CHANNEL = String(16)
WORD = String(32)
PERSON = String(64)
"""Whoever acts: `member`, a process of ours, or a member of staff, who is told from them by a prefix."""


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, timezone-aware and in UTC on the way out, on both databases.

    SQLite drops the zone of what it stores, so that a moment is turned to UTC before it is written and is given
    its zone back when it is read. A moment without a zone is refused: nobody could say when it was.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turns a moment into UTC.

        Raises:
            ValueError: the moment carries no time zone.
        """
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Gives what was read its zone: UTC."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
