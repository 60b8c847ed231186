"""Standard output belongs to a command's result: logs go to standard error."""

from __future__ import annotations

import sys

import structlog


def logs_to_stderr() -> None:
    """Sends the logs of this process to standard error."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(file=sys.stderr))
