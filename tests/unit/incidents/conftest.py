from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from bot.storage.encryption import Vault
from tests.support.incident_register import Register


@pytest.fixture
def register(session: Session, vault: Vault, now: datetime) -> Register:
    return Register(session, vault, now)
