"""What tests of several rooms begin with; a room that needs something else says so in its own file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from bot.storage.encryption import Vault
from bot.storage.engine import transaction


@pytest.fixture
def vault() -> Vault:
    return Vault(b"e" * 32, b"h" * 32)


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 11, 23, 1, 30, tzinfo=UTC)


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """One transaction on each database; nobody waits for it."""
    with transaction(engine) as opened:
        yield opened
