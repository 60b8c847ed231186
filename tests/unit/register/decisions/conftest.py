from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from bot.register.casework import begin_review
from bot.register.decisions.deciding import Proposal, propose
from bot.register.decisions.grounds import Regime
from bot.register.kinds import Kind
from bot.register.models import Request
from bot.storage.encryption import Vault
from tests.support.cases import SUZUKI, verify
from tests.support.proposals import GRANTED

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


@pytest.fixture
def proposes(vault: Vault, now: datetime) -> Make:
    """Proposes a decision, granting unless told otherwise; gives its id."""

    def make(session: Session, request_id: str, proposal: Proposal = GRANTED, **facts: object) -> str:
        given: dict[str, Any] = {"actor": SUZUKI, "now": now, "vault": vault, "regime": Regime.APPI_AND_JIS, **facts}
        return propose(session, request_id, proposal, **given)

    return make
