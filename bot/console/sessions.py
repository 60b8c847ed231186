"""Who is logged in to the console: random ids kept on the server, so that a log-out is a log-out."""

from __future__ import annotations

import hashlib
import secrets
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.clock import Clock

_IDLE = timedelta(minutes=30)
_LONGEST = timedelta(hours=10)
_FAILURES = 10
_FAILURE_WINDOW = timedelta(minutes=1)


@dataclass
class _Session:
    opened_at: datetime
    used_at: datetime


class Sessions:
    """The open sessions of this process; a restart closes them all.

    Ends after 30 idle minutes, and 10 hours after the log-in whatever happens. Only hashes of the ids are kept.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._open: dict[str, _Session] = {}

    def open(self) -> str:
        """Begins a session and gives its id, which is never an id that a browser brought along."""
        now = self._clock()
        self._open = {key: session for key, session in self._open.items() if _is_alive(session, now)}
        session_id = secrets.token_urlsafe(32)
        self._open[_hashed(session_id)] = _Session(opened_at=now, used_at=now)
        return session_id

    def renew(self, session_id: str) -> bool:
        """Whether the session is open; using it keeps it from falling idle."""
        now = self._clock()
        session = self._open.get(_hashed(session_id))
        if session is None or not _is_alive(session, now):
            return False
        session.used_at = now
        return True

    def close(self, session_id: str) -> None:
        """Ends the session; one that is not open stays so."""
        self._open.pop(_hashed(session_id), None)


class FailedLogins:
    """Slows guessing down: after ten failures within a minute nobody may try until one of them is a minute old.

    It counts for the whole console, not by address: there is one secret, and behind a proxy one address.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._moments: deque[datetime] = deque(maxlen=_FAILURES)

    def note(self) -> None:
        """A wrong token was given."""
        self._moments.append(self._clock())

    def are_too_many(self) -> bool:
        """Whether log-ins have to wait."""
        return len(self._moments) == _FAILURES and self._clock() - self._moments[0] < _FAILURE_WINDOW


def _is_alive(session: _Session, now: datetime) -> bool:
    return now - session.used_at < _IDLE and now - session.opened_at < _LONGEST


def _hashed(session_id: str) -> str:
    return hashlib.sha256(session_id.encode()).hexdigest()
