from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from bot.register.forgetting import files, requests
from bot.register.forgetting.periods import Periods
from bot.register.models import State
from tests.support.kept_requests import COMPANY

DAY = timedelta(days=1)
PERIODS = Periods(
    content={State.CLOSED: 1095 * DAY, State.WITHDRAWN: 365 * DAY, State.IDENTITY_EXPIRED: 400 * DAY},
    uploads=30 * DAY,
    answers=30 * DAY,
)


@pytest.fixture
def purged() -> Callable[[Session, datetime], dict[str, int]]:
    """Purges files and requests until nothing is due; gives what went."""

    def purge(session: Session, now: datetime) -> dict[str, int]:
        gone: dict[str, int] = {}
        for room in (files, requests):
            while done := room.purge(session, controller=COMPANY, now=now, periods=PERIODS, most=3):
                for table, count in done.items():
                    gone[table] = gone.get(table, 0) + count
        return gone

    return purge
