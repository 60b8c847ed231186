"""What every action works with: settings, database, vault, clock, policy, desk. Built once a process."""

from __future__ import annotations

import threading
from datetime import date
from functools import cached_property

from sqlalchemy import Engine

from bot.clock import Clock, in_tokyo, system_clock
from bot.desk import Desk, load_desk
from bot.policy.assistant import Assistant, open_assistant
from bot.policy.documents import policy_folder
from bot.policy.model import Policy
from bot.policy.versions import version_in_force
from bot.settings import Settings
from bot.storage.encryption import Vault
from bot.storage.engine import open_engine


class Services:
    """Opens each thing when it is first asked for; `warm` asks for all of them ahead of the first member.

    Safe to use from several threads: the assistant, which is the slow one, is opened under a lock.
    """

    def __init__(self, settings: Settings, *, clock: Clock = system_clock) -> None:
        self.settings = settings
        self.clock = clock
        self._opening = threading.Lock()
        self._assistant: Assistant | None = None
        self._day: date | None = None

    @cached_property
    def engine(self) -> Engine:
        """The register's database."""
        return open_engine(self.settings.database_url)

    @cached_property
    def vault(self) -> Vault:
        """Seals the members' words."""
        return Vault.from_settings(self.settings)

    @cached_property
    def desk(self) -> Desk:
        """Who to turn to, from the policy's own folder."""
        return load_desk(policy_folder(self.settings.corpus_dir, self.settings.default_policy))

    @property
    def assistant(self) -> Assistant:
        """Searches and answers; the first caller waits until policy and index are loaded, the others with it.

        The first turn of a Japanese day looks whether another version of the policy has come into force.
        """
        day = in_tokyo(self.clock()).date()
        with self._opening:
            if self._assistant is None or (day != self._day and not self._is_in_force(self._assistant, day)):
                self._assistant = open_assistant(self.settings, day=day)
            self._day = day
            return self._assistant

    def _is_in_force(self, assistant: Assistant, day: date) -> bool:
        policy = assistant.policy
        return version_in_force(self.settings.corpus_dir, policy.id, day) == policy.version

    @property
    def policy(self) -> Policy:
        """The policy that is quoted."""
        return self.assistant.policy

    def quoted(self, name: str) -> tuple[str, ...]:
        """The policy's words on this matter of requests; none, when it does not say any."""
        quote = self.desk.quotes.get(name)
        return (quote,) if quote else ()

    @property
    def controller(self) -> str:
        """The company whose requests are kept: the first half of the policy's id."""
        return self.settings.default_policy.partition("/")[0]

    @property
    def is_warm(self) -> bool:
        """Whether an answer would come without waiting for anything to load."""
        return self._assistant is not None

    def require(self) -> None:
        """Opens what is quick to open, so that a wrong configuration ends the process at its start.

        Raises:
            BadInputError: a key or the desk file cannot be used.
        """
        _ = self.engine, self.vault, self.desk

    def warm(self) -> None:
        """Opens the rest, then loads the embedding model by asking it once.

        It is warm before the model is: until then, the vector that comes with each question is enough to answer it.
        """
        self.assistant.search("個人情報")
