"""How often an identity may be sent a code and may try one on one Japanese day: counted in one statement."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bot.clock import in_tokyo
from bot.register.identity.models import SENDS_A_DAY, TRIES_A_DAY, CodeDay

_LIMITS = {"sends": SENDS_A_DAY, "tries": TRIES_A_DAY}


def count(session: Session, what: Literal["sends", "tries"], *, controller: str, identity: str, now: datetime) -> bool:
    """Counts one more send or try of an identity, unless that would be one too many.

    Reading and counting are one statement on one row, so that however many come at once, no more than the limit
    are told True.

    Returns:
        Whether it was counted; False means that the day's limit was reached before.
    """
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    key = {"controller": controller, "identity_hash": identity, "day": in_tokyo(now).date()}
    column = CodeDay.__table__.c[what]
    statement = (
        insert(CodeDay)
        .values({**key, "sends": 0, "tries": 0, what: 1})
        .on_conflict_do_update(index_elements=list(key), set_={what: column + 1}, where=column < _LIMITS[what])
        .returning(column)
    )
    return session.execute(statement).first() is not None
