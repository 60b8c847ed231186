"""The roots of this project's errors: rooms derive their own, the edges translate each root once."""

from __future__ import annotations


class MadoguchiError(Exception):
    """Any failure this project names. Its message says what went wrong and where, without personal data."""


class BadInputError(MadoguchiError):
    """What a person or a caller gave cannot be used as it is; nothing was changed.

    Commands print the message on standard error and exit with status 2; HTTP answers 4xx.
    """

    _told: str = ""

    @property
    def told(self) -> str:
        """What staff read of it on a page: words of its own kind for them, or else the message."""
        return self._told or str(self)


class UnavailableError(MadoguchiError):
    """Something this project depends on does not answer now; the same call may succeed later."""
