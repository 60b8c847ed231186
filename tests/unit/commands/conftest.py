"""Commands send the logs of their process to standard error, which a test's runner closes behind them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from bot import settings
from tests.support.register_desk import ENVIRONMENT, STAFF, CommandDesk


@pytest.fixture(autouse=True)
def logs_as_they_were() -> Iterator[None]:
    """Takes a command's configuration of the logs back, so that later tests of this process can log."""
    yield
    structlog.reset_defaults()


@pytest.fixture
def desk(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CommandDesk]:
    """Commands of the register on a database of their own, with staff and a clock."""
    settings.load.cache_clear()
    at_work = CommandDesk(tmp_path)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("MADOGUCHI_DATABASE_URL", database_url)
    monkeypatch.setenv("MADOGUCHI_STAFF_FILE", at_work.file("staff.yml", STAFF))
    monkeypatch.setattr("bot.commands.register_session.system_clock", at_work.clock)
    yield at_work
    settings.load.cache_clear()
