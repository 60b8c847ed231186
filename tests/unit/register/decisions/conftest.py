from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from bot.register.casework import begin_review
from bot.register.kinds import Kind
from bot.register.models import Request
from tests.support.cases import SUZUKI, verify

Make = Callable[..., Any]


@pytest.fixture
def reviewed(filed: Make, now: datetime) -> Make:
    """Files a request, verifies who asks unless told otherwise, and takes it into review; gives its id."""

    def make(
        session: Session, kind: Kind = Kind.DISCLOSURE, *, verified: bool = True, binds: bool = True, **facts: object
    ) -> str:
        (receipt,) = filed(session, kind, **facts)
        if verified:
            verify(session, session.get_one(Request, receipt.request_id), now=now, binds_address=binds)
        begin_review(session, receipt.request_id, actor=SUZUKI, now=now)
        return str(receipt.request_id)

    return make
