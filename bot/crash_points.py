"""Named places at which a process can be made to die, so that proofs can show what a crash there leaves behind.

`MADOGUCHI_CRASH_AT=filing:before-commit` in the environment ends the process, as `kill -9` would, when it comes to
that place; `filing:before-commit:3` when it comes there the third time. Without the variable a place costs one
comparison and does nothing.

The variable is no setting of the product: it stands in no table of settings, no file is read for it and nothing shows
it, because an owner has no use for it and must not come upon it. It is read once, when this module is imported, so
that nothing which happens later can arm a process; and in production a process that finds it set does not start
(`bot.clearance`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

VARIABLE = "MADOGUCHI_CRASH_AT"

KILLED_STATUS = 137
"""What a shell tells of a process that `kill -9` ended: 128 + SIGKILL."""

_SPELT = re.compile(r"(?P<point>[a-z]+:[a-z-]+)(?::(?P<time>[1-9][0-9]*))?")


class CrashPoint(StrEnum):
    """Where a process can be made to die, written `path:place`; `before-commit` is inside the transaction."""

    INBOX_BEFORE_COMMIT = "inbox:before-commit"
    INBOX_AFTER_COMMIT = "inbox:after-commit"
    RASA_BEFORE_CALL = "rasa:before-call"
    RASA_AFTER_CALL = "rasa:after-call"
    ANSWER_BEFORE_COMMIT = "answer:before-commit"
    ANSWER_AFTER_COMMIT = "answer:after-commit"
    FILING_BEGUN = "filing:begun"
    FILING_WITHOUT_TRAIL = "filing:without-trail"
    FILING_WITHOUT_NOTICE = "filing:without-notice"
    FILING_BEFORE_COMMIT = "filing:before-commit"
    FILING_AFTER_COMMIT = "filing:after-commit"
    DETAILS_WITHOUT_STATE = "details:without-state"
    DETAILS_BEFORE_COMMIT = "details:before-commit"
    DETAILS_AFTER_COMMIT = "details:after-commit"
    GROUP_BETWEEN_COMPANIES = "group:between-companies"
    SENDING_BEFORE_SEND = "sending:before-send"
    SENDING_BEFORE_MARK = "sending:before-mark"
    SENDING_AFTER_MARK = "sending:after-mark"
    STEP_WITHOUT_TRAIL = "step:without-trail"
    RELEASE_WITHOUT_TRAIL = "release:without-trail"
    DELETION_BEFORE_COMMIT = "deletion:before-commit"
    DELETION_AFTER_COMMIT = "deletion:after-commit"
    PURGE_BEFORE_COMMIT = "purge:before-commit"
    PURGE_AFTER_COMMIT = "purge:after-commit"
    DIGEST_BEFORE_NAME = "digest:before-name"
    DIGEST_BEFORE_KNOWN = "digest:before-known"
    ROTATION_BEFORE_COMMIT = "rotation:before-commit"
    ROTATION_AFTER_COMMIT = "rotation:after-commit"


@dataclass(frozen=True)
class Armed:
    """Where this process is to die, and at which passing of that place."""

    point: CrashPoint
    time: int = 1


def read_armed(environment: Mapping[str, str]) -> Armed | None:
    """What the environment says; None when it says nothing.

    Raises:
        ValueError: no place has this name. A proof that dies nowhere would prove nothing.
    """
    spelt = environment.get(VARIABLE, "")
    if not spelt:
        return None
    found = _SPELT.fullmatch(spelt)
    if found is None:
        raise ValueError(f"{VARIABLE} is no place to die at")
    return Armed(CrashPoint(found["point"]), int(found["time"] or 1))


_armed = read_armed(os.environ)
_passed = 0


def crash_point(point: CrashPoint) -> None:
    """Ends this process here, without a word and without cleaning up, if it was started to die here."""
    if _armed is not None and _armed.point is point:
        _pass(_armed)


def is_armed() -> bool:
    """Whether this process was started to die somewhere."""
    return _armed is not None


def _pass(armed: Armed) -> None:
    global _passed  # noqa: PLW0603 - one process, one count; what counts dies with it
    _passed += 1
    if _passed == armed.time:
        os._exit(KILLED_STATUS)
