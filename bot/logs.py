"""Structured logs: one JSON object a line on standard output, static event names, ids only.

What an exception says is never written: its text may quote a member, a statement's values or an address. Its type
and the lines it passed through are.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any

import structlog

from bot import spans

_NOISY = ("aiohttp.access", "aiohttp.client", "aiohttp.internal", "asyncio", "slack_bolt", "slack_sdk", "linebot")


def configure(level: str) -> None:
    """Sets up this process's logs; everything below `level` is dropped."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            _trace,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _bare_exception,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(),
    )
    # Libraries log texts and addresses at their own discretion; theirs are kept to warnings without arguments.
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_LibraryFormat())
    # The root's level alone lets through what a library's logger with a level of its own hands up.
    handler.setLevel(logging.WARNING)
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.ERROR)


def frames(error: BaseException) -> list[str]:
    """Where an exception passed, innermost last, without what it says."""
    return _lines(error.__traceback__)


def _lines(begin: TracebackType | None) -> list[str]:
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(begin)]


def _trace(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if trace := spans.trace_id():
        event["trace"] = trace
    return event


def _bare_exception(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    error = event.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()[1]
    if isinstance(error, BaseException):
        event["error"] = type(error).__name__
        event["frames"] = frames(error)
    return event


class _LibraryFormat(logging.Formatter):
    """A library's record: the unfilled message and where it was logged, never its arguments."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "event": "library_message",
            "level": record.levelname.lower(),
            "logger": record.name,
            "at": f"{record.filename}:{record.lineno}",
        }
        if record.exc_info and record.exc_info[0] is not None:
            line |= {"error": record.exc_info[0].__name__, "frames": _lines(record.exc_info[2])}
        return str(structlog.processors.JSONRenderer(ensure_ascii=False)(None, "", line))
