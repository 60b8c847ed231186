"""Keeps members' words out of Rasa's logs.

Rasa logs texts, trackers and answers of actions when something fails: as fields of structlog events, inside f-strings,
in the parameters of a failed SQL statement, and in the local variables of a traceback. No list of such places would
stay complete, so this works the other way round: of a structlog event only names and numbers known to be harmless
pass, and of a warning or an error logged in any other way only the place in the code that logged it.
"""

import json
import logging
import sys
import warnings
from typing import Any, Callable, Dict, List, Type

import structlog

_HARMLESS_FIELDS = frozenset({"event", "level", "filename", "action_name", "policy_name", "confidence", "reason"})
_OURS = "bot.components"

_log = logging.getLogger(__name__)


class SafeText(str):
    """A log line that holds no word of a member."""

    __slots__ = ()


def install() -> None:
    """Replaces how this process logs; called when the server takes up its channels, after Rasa set up its logs."""
    # Rasa's bound loggers keep the list they were first used with, so that the list itself has to change.
    processors: List[Any] = structlog.get_config()["processors"]
    processors[:] = [structlog.stdlib.filter_by_level, structlog.processors.add_log_level, render]
    factory = logging.getLogRecordFactory()
    if not isinstance(factory, _SafeRecords):
        logging.setLogRecordFactory(_SafeRecords(factory))
    # Rasa's warnings quote the line they are about.
    warnings.showwarning = _note_warning  # type: ignore[assignment] # the names of its parameters do not matter


def render(_logger: object, _method: str, event: Dict[str, Any]) -> SafeText:
    """The last structlog processor: harmless fields as they are, an exception as its place, the rest by name only."""
    raised = event.pop("exc_info", None)
    shown = {name: value for name, value in event.items() if name in _HARMLESS_FIELDS}
    withheld = sorted(set(event) - set(shown))
    if withheld:
        shown["withheld"] = withheld
    if raised:
        shown["exception"] = describe(raised)
    return SafeText(json.dumps(shown, ensure_ascii=False, default=lambda value: type(value).__name__))


def describe(raised: object) -> List[str]:
    """Classes and lines of an exception and its causes, without messages, source lines and local variables."""
    if raised is True:
        raised = sys.exc_info()
    error = raised[1] if isinstance(raised, tuple) else raised
    if not isinstance(error, BaseException):
        return []
    lines = [type(error).__name__]
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        lines.append(f"{code.co_filename}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return lines + describe(error.__cause__ or error.__context__)


def _note_warning(_message: object, category: Type[Warning], filename: str, lineno: int, *_where_to: object) -> None:
    _log.warning("warning_withheld: %s at %s:%d", category.__name__, filename, lineno)


class _SafeRecords:
    """Makes log records; a warning or an error that is not ours keeps its place and loses its message."""

    def __init__(self, factory: Callable[..., logging.LogRecord]) -> None:
        self._factory = factory

    def __call__(self, *arguments: Any, **keywords: Any) -> logging.LogRecord:  # noqa: ANN401 - logging's own signature
        record = self._factory(*arguments, **keywords)
        is_safe = record.name.startswith(_OURS) or isinstance(record.msg, SafeText)
        if record.levelno in (logging.DEBUG, logging.INFO) or is_safe:
            return record
        exception = describe(record.exc_info) if record.exc_info else []
        place = f"{record.name}:{record.lineno} {record.funcName} (message withheld)"
        record.msg, record.args, record.exc_info = " | ".join([place, *exception]), (), None
        return record
