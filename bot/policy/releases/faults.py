"""Errors of releases. Staff read them on the page, so they are Japanese and hold no names of files or people."""

from __future__ import annotations

from collections.abc import Sequence

from bot.errors import BadInputError, UnavailableError


class CandidateIsWrongError(BadInputError):
    """What was to be saved cannot be served; `lines` name card and fault, one each."""

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = tuple(lines)


class SomebodyWasFasterError(BadInputError):
    """What one looked at has changed since; nothing was written."""


class EntryIsGoneError(SomebodyWasFasterError):
    """The entry that was to be changed or removed is not there any more."""


class SecondPersonIsMissingError(BadInputError):
    """Whoever worked on a candidate does not publish it."""


class RunIsMissingError(BadInputError):
    """Neither a green run of exactly this candidate nor a reason to publish without one."""


class NothingToPublishError(BadInputError):
    """There is no candidate, it changes nothing, or there is no such release."""


class ReleaseIsDamagedError(UnavailableError):
    """The stored files of a release are not what its digest says, or cannot be laid out."""
