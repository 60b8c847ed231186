"""Finds what may be run or tried, 公開中 and 公開候補, and opens it once: an assistant costs seconds and memory."""

from __future__ import annotations

import threading
from collections import OrderedDict

from sqlalchemy import Engine

from bot.clock import Clock, in_tokyo
from bot.errors import BadInputError
from bot.evaluation.runs.subject import Sort, Subject
from bot.policy.assistant import Assistant, open_assistant
from bot.policy.releases.in_force import find_in_force
from bot.policy.releases.snapshot import digest_of, read_folder
from bot.policy.releases.trying import candidate_to_try
from bot.policy.versions import version_in_force
from bot.settings import Settings
from bot.storage.engine import reading

_MOST_OPEN = 3


class CandidateIsMissingError(BadInputError):
    """Nobody has begun a candidate."""


class Subjects:
    """The subjects of one policy; safe to share between threads."""

    def __init__(self, settings: Settings, engine: Engine, clock: Clock) -> None:
        self._settings = settings
        self._engine = engine
        self._clock = clock
        self._lock = threading.Lock()
        self._opened: OrderedDict[tuple[str, str], Assistant] = OrderedDict()

    def find(self, sort: Sort) -> Subject:
        """What answers now, or what waits to be published.

        Raises:
            CandidateIsMissingError: there is no candidate.
            BadInputError: it cannot be read.
        """
        return self._candidate() if sort == "candidate" else self._live()

    def has_candidate(self) -> bool:
        """Whether there is one to choose."""
        try:
            self._candidate()
        except BadInputError:
            return False
        return True

    def open(self, subject: Subject) -> Assistant:
        """The assistant of a subject; blocks while it loads, and shares what it can with one that is open already."""
        key = (subject.digest, subject.version)
        with self._lock:
            found = self._opened.get(key)
            if found is None:
                beside = next(reversed(self._opened.values()), None)
                found = open_assistant(
                    self._settings, subject.policy, corpus=subject.corpus, version=subject.version, beside=beside
                ).released(subject.release)
                self._opened[key] = found
            self._opened.move_to_end(key)
            while len(self._opened) > _MOST_OPEN:
                self._opened.popitem(last=False)
            return found

    def _live(self) -> Subject:
        policy = self._settings.default_policy
        found = find_in_force(self._engine, self._settings, policy)
        digest = found.digest or digest_of(read_folder(found.corpus, policy))
        version = version_in_force(found.corpus, policy, in_tokyo(self._clock()).date())
        return Subject("live", policy, version, digest, found.number, found.corpus)

    def _candidate(self) -> Subject:
        policy, now = self._settings.default_policy, self._clock()
        with reading(self._engine) as session:
            found = candidate_to_try(session, self._settings, policy, now)
        if found is None:
            raise CandidateIsMissingError("公開候補はまだありません。「改善」の画面で作成します。")
        version = version_in_force(found.corpus, policy, in_tokyo(now).date())
        return Subject("candidate", policy, version, found.digest, None, found.corpus)
