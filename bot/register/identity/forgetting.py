"""Codes that are over go after a day: the numbers that were typed, the mails that never went, the counts."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from bot.clock import in_tokyo
from bot.register.identity.models import Code, CodeDay
from bot.storage.forgetting import remove, rows

_KEPT = timedelta(days=1)


def forget_codes(session: Session, *, controller: str, now: datetime, most: int = 500) -> int:
    """Removes codes whose time was over a day ago, and the counts of days before yesterday.

    That a code was sent stays in the trail of its request.

    Returns:
        How many codes went.
    """
    over = (Code.controller == controller, Code.expires_at <= now - _KEPT)
    gone = remove(session, rows(Code, *over, most=most))
    days = delete(CodeDay).where(CodeDay.controller == controller, CodeDay.day < in_tokyo(now - _KEPT).date())
    session.execute(days.execution_options(synchronize_session=False))
    return gone
