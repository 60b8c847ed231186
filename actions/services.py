"""What the actions of one controller work with: settings, database, vault, clock, policy, desk."""

from __future__ import annotations

from contextlib import suppress
from copy import copy
from datetime import date
from functools import cached_property
from typing import Self

from sqlalchemy import Engine

from actions.answerer import Answerer, OpenAssistant, desk_of, opening
from actions.rehearsed import Rehearsed
from bot.clock import Clock, in_tokyo, system_clock
from bot.desk import Desk
from bot.errors import UnavailableError
from bot.policy.assistant import Assistant
from bot.policy.index_files import IndexFiles, noting
from bot.policy.model import Policy
from bot.policy.releases.following import Following, Where
from bot.policy.releases.in_force import InForce, find_in_force
from bot.policy.vector_search import engine_of
from bot.settings import Settings
from bot.storage.encryption import Vault
from bot.storage.own_rows import open_own_engine


class Services:
    """Opens each thing when it is first asked for; `warm` asks for all of them ahead of the first member.

    Safe to use from several threads. Assistant and desk follow the release in force; a turn works with one release
    from its first look to its end (`for_one_turn`).
    """

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Clock = system_clock,
        open_assistant: OpenAssistant | None = None,
        beside: Services | None = None,
    ) -> None:
        """Takes the controller's settings, and the services of another controller of this process, if there are any."""
        self.settings = settings
        self._beside = beside
        self.clock = clock
        self._open_assistant = open_assistant or opening(settings)
        self.releases: Following[Answerer] = Following(Where(settings, lambda: self.engine, clock), self._opened)
        self._rehearsed = Rehearsed(settings)
        self._index_files = IndexFiles()
        self._held: Answerer | None = None
        self._is_one_turn = False

    @cached_property
    def engine(self) -> Engine:
        """The register's database."""
        beside = None if self._beside is None else self._beside.engine
        return open_own_engine(self.settings, answer_within=self.settings.action_deadline, beside=beside)

    @cached_property
    def vault(self) -> Vault:
        """Seals the members' words."""
        return Vault.from_settings(self.settings)

    def for_one_turn(self, corpus: str = "") -> Self:
        """The same services, which keep to the release that they answered by first, whatever is published meanwhile.

        Args:
            corpus: of a test that is answered from elsewhere; empty for what is in force.

        Raises:
            BadInputError: there is no such corpus.
        """
        # What is opened once a process is opened before it is copied, so that all turns share it.
        _ = self.engine, self.vault
        turn = copy(self)
        turn._is_one_turn = True  # noqa: SLF001 - its own kind
        if corpus:
            day = in_tokyo(self.clock()).date()
            turn._held = self._rehearsed.get(corpus, day, lambda: self.assistant)  # noqa: SLF001 - as above
        return turn

    @property
    def desk(self) -> Desk:
        """Who to turn to, from the policy's own folder."""
        # Before the assistant is loaded, which takes a while, whoever needs only the desk does not wait for it.
        if self._held is None and not self.releases.is_open:
            return self._first_desk
        return self._answerer.desk

    @property
    def assistant(self) -> Assistant:
        """Searches and answers; the first caller waits until policy and index are loaded, the others with it."""
        return self._answerer.assistant

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
        return self.settings.controller

    @property
    def is_warm(self) -> bool:
        """Whether an answer would come without waiting for anything to load."""
        return self.releases.is_open

    def require(self) -> None:
        """Opens what is quick to open, so that a wrong configuration ends the process at its start.

        Raises:
            BadInputError: a key or the desk file cannot be used, or the engine of vectors as it is set up.
        """
        _ = self.engine, self.vault, self.desk
        # A database that is away at the start comes back; then loading says what is missing.
        with suppress(UnavailableError):
            engine_of(self.settings).require(self.controller)

    def warm(self) -> None:
        """Opens the rest, then loads the embedding model by asking it once.

        It is warm before the model is: until then, the vector that comes with each question is enough to answer it.
        """
        self.assistant.search("個人情報")

    def mend_index(self) -> None:
        """Puts back what of the opened index was damaged or removed on the disk, for the next process that starts."""
        self._index_files.put_back()

    @cached_property
    def _first_desk(self) -> Desk:
        return desk_of(self.settings, find_in_force(self.engine, self.settings, self.settings.default_policy))

    @property
    def _answerer(self) -> Answerer:
        if self._held is not None:
            return self._held
        answerer = self.releases.get()
        if self._is_one_turn:
            self._held = answerer
        return answerer

    def _opened(self, found: InForce, day: date, before: Answerer | None) -> Answerer:
        with noting() as files:
            assistant = self._open_assistant(found, day, before.assistant if before else None)
        # What both releases have in common was read when the first of them was opened.
        self._index_files.add(files)
        return Answerer(assistant, desk_of(self.settings, found))
