"""Values that are deleted: their period keys are noted, so that what copies of them remain becomes unreadable too."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from bot.storage.engine import Base
from bot.storage.keyring import BY_PERIOD, HEADER_BYTES, header_of
from bot.storage.types import UtcDateTime


class RetiredKey(Base):
    """A period key under which something was deleted; `seen_at` is when `jobs` first came across it.

    It names no controller: a key holds what a table got on one day, whoever's it is. Each deletion adds a row of its
    own, so that no deletion ever waits for another.
    """

    __tablename__ = "retired_key"
    __table_args__ = (Index("ix_retired_key_header", "header"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    header: Mapped[str] = mapped_column(String(2 * HEADER_BYTES))
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


def retire(session: Session, sealed_values: Iterable[bytes | None]) -> None:
    """Notes, in the caller's transaction, the period keys that these values were sealed with.

    Called by whoever deletes sealed values. A key that is noted is destroyed once what survives under it is sealed
    anew; values sealed with the settings' key, and empty ones, note nothing.
    """
    headers = {header_of(sealed) for sealed in sealed_values if sealed}
    for header in sorted(header for header in headers if header is not None and header[:1] == BY_PERIOD):
        session.add(RetiredKey(id=secrets.token_hex(16), header=header.hex()))
