"""Another corpus than the one in force, for turns of a test: what waits to be published answers as it would then."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import date

from actions.answerer import Answerer
from bot.desk import load_desk
from bot.errors import BadInputError
from bot.policy.assistant import Assistant, open_assistant
from bot.policy.documents import policy_folder
from bot.policy.releases.placing import folder_of, is_laid_out
from bot.settings import Settings

_NAME = re.compile(r"[0-9a-f]{64}")


class CorpusIsUnknownError(BadInputError):
    """No corpus of this name is laid out here."""


class Rehearsed:
    """Keeps the last one that was asked for; safe to use from several threads."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._name = ""
        self._answerer: Answerer | None = None

    def get(self, name: str, day: date, beside: Callable[[], Assistant]) -> Answerer:
        """What answers from the corpus of this name, opened beside the assistant that members have.

        Raises:
            CorpusIsUnknownError: there is none.
            BadInputError: it cannot be opened.
        """
        with self._lock:
            if self._answerer is None or self._name != name:
                self._answerer, self._name = self._open(name, day, beside()), name
            return self._answerer

    def _open(self, name: str, day: date, beside: Assistant) -> Answerer:
        policy = self._settings.default_policy
        if not _NAME.fullmatch(name) or not is_laid_out(self._settings, policy, name):
            raise CorpusIsUnknownError("there is no such corpus to test")
        corpus = folder_of(self._settings, policy, name)
        assistant = open_assistant(self._settings, corpus=corpus, day=day, beside=beside).released(None)
        return Answerer(assistant, load_desk(policy_folder(corpus, policy)))
