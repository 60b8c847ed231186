"""Commands send the logs of their process to standard error, which a test's runner closes behind them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import structlog


@pytest.fixture(autouse=True)
def logs_as_they_were() -> Iterator[None]:
    """Takes a command's configuration of the logs back, so that later tests of this process can log."""
    yield
    structlog.reset_defaults()
