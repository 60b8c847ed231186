"""A few at a time within this process: in the order of coming, but whoever must not wait goes before all others."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from bot.errors import UnavailableError


class WaitWasTooLongError(UnavailableError):
    """Those ahead took longer than one may wait."""


class Turnstile:
    """Lets as many in at a time as there are places.

    SQLite has one writer. Those who wait for its lock ask for it again and again, with pauses that grow to a tenth of
    a second, and who gets it is chance: with a dozen of threads some wait for seconds. Here whoever leaves lets the
    next one in, and who waits costs nothing. PostgreSQL takes many writers, but this process works on one thing at a
    time: more than a few transactions at once only make each of them longer, the urgent ones too.

    `patience` is how many seconds anybody waits.
    """

    def __init__(self, *, patience: float, places: int = 1) -> None:
        self._patience = patience
        self._mutex = threading.Lock()
        self._free = places
        self._urgent: deque[threading.Lock] = deque()
        self._others: deque[threading.Lock] = deque()

    @contextmanager
    def passing(self, *, urgent: bool = False) -> Iterator[None]:
        """Holds a place while the block runs; `urgent` goes before all who are not.

        Raises:
            WaitWasTooLongError: it was not our turn in time.
        """
        self._enter(self._urgent if urgent else self._others)
        try:
            yield
        finally:
            self._leave()

    def _enter(self, line: deque[threading.Lock]) -> None:
        gate = threading.Lock()
        with self._mutex:
            if self._free:
                self._free -= 1
                return
            gate.acquire()
            line.append(gate)
        if gate.acquire(timeout=self._patience):
            return
        with self._mutex:
            # Whoever left in this very moment may have let us in.
            if gate not in line:
                return
            line.remove(gate)
        raise WaitWasTooLongError("others were ahead for too long")

    def _leave(self) -> None:
        with self._mutex:
            line = self._urgent or self._others
            if line:
                line.popleft().release()
            else:
                self._free += 1
