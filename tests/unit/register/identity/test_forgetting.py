from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.register.identity.codes import ask_by_number, make_wanted, try_code
from bot.register.identity.forgetting import forget_codes
from bot.register.identity.models import Code, CodeDay, Purpose
from bot.register.models import Request
from bot.storage.encryption import Vault


def test_codes_and_counts_go_a_day_after_they_are_over(
    session: Session, known: Request, vault: Vault, now: datetime
) -> None:
    wish: dict[str, Any] = {"controller": "eparkrelax", "now": now, "vault": vault}
    for number in (known.number, "nothing"):
        ask_by_number(session, number, Purpose.OPEN, minutes=10, **wish)
    make_wanted(session, **wish)
    try_code(session, "never given out", "123456", now=now, vault=vault)
    ends = now + timedelta(minutes=10)

    def forget(at: datetime) -> int:
        return forget_codes(session, controller="eparkrelax", now=at)

    assert forget(ends + timedelta(days=1, seconds=-1)) == 0
    assert len(session.scalars(select(CodeDay)).all()) == 3
    assert forget(ends + timedelta(days=1)) == 2
    assert session.scalars(select(Code)).all() == []
    assert len(session.scalars(select(CodeDay)).all()) == 3
    forget(now + timedelta(days=2))
    assert session.scalars(select(CodeDay)).all() == []
