"""Keeps what was opened from the release in force, and swaps it whole when another comes into force.

Nobody who asks waits for a load but the very first: another release is opened beside the one that answers, and takes
its place in one assignment.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from bot.clock import Clock, in_tokyo
from bot.errors import MadoguchiError
from bot.policy.releases.in_force import InForce, Pointer, find_in_force, place, pointer_of
from bot.policy.versions import version_in_force
from bot.settings import Settings
from bot.storage.engine import reading

T = TypeVar("T")

SECONDS = 1.0
"""How often a process looks at the pointer: one indexed row."""

_LOOKS_PASSED_OVER = 30

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Where:
    """What a process needs to find releases: whose, of which policy, in which database."""

    settings: Settings
    engine: Callable[[], Engine]
    clock: Clock

    @property
    def policy_id(self) -> str:
        """The policy that is served."""
        return self.settings.default_policy

    @property
    def day(self) -> date:
        """Today in Japan."""
        return in_tokyo(self.clock()).date()


@dataclass(frozen=True)
class Opened(Generic[T]):
    """Something that was opened, and what of: the release, and the policy's version that was in force that day."""

    thing: T
    found: InForce
    day: date
    version: str


class Following(Generic[T]):
    """One thing of this process that follows the release in force; safe to use from several threads."""

    def __init__(self, where: Where, make: Callable[[InForce, date, T | None], T]) -> None:
        """Takes what opens the thing: from a release, for a day, beside the thing that was opened before, if any."""
        self._where = where
        self._make = make
        self._lock = threading.Lock()
        self._opened: Opened[T] | None = None
        self._failed: tuple[Pointer, date] | None = None
        self._passed_over = 0
        self.fault = ""

    @property
    def is_open(self) -> bool:
        """Whether `get` would come without waiting for anything to load."""
        return self._opened is not None

    @property
    def number(self) -> int | None:
        """Of the release that answers; None before anything is opened."""
        opened = self._opened
        return None if opened is None else opened.found.number

    def get(self) -> T:
        """The thing as it is; only the first callers wait until it is opened.

        Raises:
            MadoguchiError: not even the repository's own release can be opened.
        """
        opened = self._opened
        return (opened or self._open()).thing

    def look(self) -> bool:
        """Looks once whether another release, or another version of the policy, is in force, and swaps to it.

        What cannot be read or opened leaves everything as it is: `fault` tells until it works again. A release that
        failed is tried again only after some looks, since a try costs what opening costs.

        Returns:
            Whether something was swapped.
        """
        with self._lock:
            before = self._opened
            if before is None:
                return False
            try:
                with reading(self._where.engine()) as session:
                    pointer = pointer_of(session, self._where.policy_id)
                    if not self._is_due(before, pointer):
                        return False
                    found = place(session, self._where.settings, self._where.policy_id, pointer)
                self._opened = self._made(found, before)
            except (MadoguchiError, SQLAlchemyError, OSError) as error:
                self._tell(error)
                return False
        log.info("release_swapped", policy=self._where.policy_id, release=found.number)
        return True

    def start(self, seconds: float = SECONDS) -> None:
        """Looks again and again, in a thread that ends with the process."""

        def go() -> None:
            while True:
                time.sleep(seconds)
                self.look()

        threading.Thread(target=go, name="releases", daemon=True).start()

    def _open(self) -> Opened[T]:
        with self._lock:
            if self._opened is None:
                where = self._where
                self._opened = self._made(find_in_force(where.engine(), where.settings, where.policy_id), None)
            return self._opened

    def _made(self, found: InForce, before: Opened[T] | None) -> Opened[T]:
        day = self._where.day
        thing = self._make(found, day, before.thing if before else None)
        self.fault, self._failed = "", None
        return Opened(thing, found, day, version_in_force(found.corpus, self._where.policy_id, day))

    def _is_due(self, before: Opened[T], pointer: Pointer) -> bool:
        day = self._where.day
        if self._failed == (pointer, day) and self._passed_over < _LOOKS_PASSED_OVER:
            self._passed_over += 1
            return False
        if pointer != Pointer(before.found.number, before.found.digest):
            # Until it is opened it counts as one that failed.
            self._failed, self._passed_over = (pointer, day), 0
            return True
        self.fault, self._failed = "", None
        if day == before.day:
            return False
        if version_in_force(before.found.corpus, self._where.policy_id, day) != before.version:
            return True
        self._opened = Opened(before.thing, before.found, day, before.version)
        return False

    def _tell(self, error: Exception) -> None:
        # Never its text: that of a database error may name the database's address.
        kind = type(error).__name__
        if self.fault != kind:
            log.error("release_not_swapped", policy=self._where.policy_id, error=kind)
        self.fault = kind
