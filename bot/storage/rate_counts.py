"""Counts of what must never be without a limit: in the register's database, so that without it there is no way on.

A window begins on the Japanese clock (its minute, hour or day), so that a day's limit ends at midnight as people
expect it. Two windows that touch can together let through twice the number within one length; what is counted here
has narrower limits beside it, or is a matter of days.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from limits import RateLimitItem
from sqlalchemy import CursorResult, Index, Integer, String, delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from bot.clock import TOKYO
from bot.storage.engine import Base
from bot.storage.types import UtcDateTime
from bot.storage.walls import Owned

_Row = dict[str, str | int | datetime]
_FIRST_DAY = datetime(1970, 1, 1, tzinfo=TOKYO).astimezone(UTC)


class RateCount(Owned, Base):
    """How often something was done within one window; the key is a keyed hash or an opaque id, never an address."""

    __tablename__ = "rate_count"
    __table_args__ = (Index("ix_rate_count_ends", "ends_at"),)

    controller: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    seconds: Mapped[int] = mapped_column(Integer, primary_key=True)
    used: Mapped[int] = mapped_column(Integer)


def count(
    session: Session, name: str, *, controller: str, key: str, rates: Iterable[RateLimitItem], now: datetime
) -> datetime | None:
    """Counts one more in the window of every rate, unless one of them is full.

    Looking and counting are one statement on one row, so that however many come at once, no more than the rate says
    are told None. Whoever is told a moment rolls back, or has used up one more of the rates that had room.

    Returns:
        None when it was counted; otherwise the moment at which the full window ends.
    """
    for rate in rates:
        ends = _end_of_window(now, rate.get_expiry())
        row: _Row = {"controller": controller, "name": name, "key": key, "ends_at": ends, "seconds": rate.get_expiry()}
        if not _count_one(session, row, most=rate.amount):
            return ends
    return None


def forget_counts(session: Session, *, now: datetime) -> int:
    """Removes the counts whose window has passed; gives how many they were."""
    result = session.execute(delete(RateCount).where(RateCount.ends_at <= now))
    return result.rowcount if isinstance(result, CursorResult) else 0


def _count_one(session: Session, row: _Row, *, most: int) -> bool:
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    used = RateCount.__table__.c.used
    statement = (
        insert(RateCount)
        .values({**row, "used": 1})
        .on_conflict_do_update(index_elements=list(row), set_={"used": used + 1}, where=used < most)
        .returning(used)
    )
    return session.execute(statement).first() is not None


def _end_of_window(now: datetime, seconds: int) -> datetime:
    length = timedelta(seconds=seconds)
    return _FIRST_DAY + ((now - _FIRST_DAY) // length + 1) * length
