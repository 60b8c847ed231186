from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from bot.clock import TOKYO
from bot.desk import Desk, is_working_day, load_desk
from bot.register.alerts.climbing import DeskHours
from bot.register.filing import file_draft
from bot.register.kinds import Kind
from bot.register.models import Request
from bot.storage.encryption import Vault

_POLICY = Path(__file__).parents[4] / "policy_corpus" / "eparkrelax" / "privacy"

FileAt = Callable[..., Request]


@pytest.fixture(scope="session")
def desk() -> Desk:
    return load_desk(_POLICY)


@pytest.fixture(scope="session")
def hours(desk: Desk) -> DeskHours:
    return DeskHours(partial(is_working_day, desk), desk.hours.opens, desk.hours.closes)


@pytest.fixture
def file_at(new_draft: Callable[..., str], vault: Vault) -> FileAt:
    """Files one request that arrives at a time of Tokyo, `2026-11-24 11:00`."""

    def make(session: Session, at: str, *, assignee: str | None = None, **facts: object) -> Request:
        now = tokyo(at)
        draft_id = new_draft(session, Kind.DISCLOSURE, now=now, **facts)
        (receipt,) = file_draft(session, draft_id, now=now, vault=vault)
        request = session.get_one(Request, receipt.request_id)
        request.assignee = assignee
        session.flush()
        return request

    return make


def tokyo(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TOKYO)
