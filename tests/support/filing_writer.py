"""A process that files requests by the real code as fast as it can and tells of each once it is committed."""

from __future__ import annotations

import multiprocessing
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

from sqlalchemy import Engine
from sqlalchemy.orm import configure_mappers

from bot.clock import system_clock
from bot.register.drafts import open_draft
from bot.register.filing import file_draft
from bot.register.kinds import Kind
from bot.storage.encryption import Vault
from bot.storage.engine import open_engine, transaction

CONTROLLER = "eparkrelax"
VAULT = Vault(b"e" * 32, b"h" * 32)

# A process that was forked from one which has imported everything is at work within milliseconds.
_FORKED = multiprocessing.get_context("forkserver")
_END_SECONDS = 60.0
# Done where writers are forked from, it is done for all of them.
configure_mappers()


@dataclass
class Told:
    """What a writer said before it died: drafts that it opened, and the numbers of those that it filed."""

    drafts: list[str] = field(default_factory=list)
    numbers: dict[str, str] = field(default_factory=dict)


class Writer:
    """One writer, from its first word to its death; `pressed_again` are drafts that it files before all others."""

    def __init__(self, url: str, pressed_again: list[str]) -> None:
        self._heard, tell = _FORKED.Pipe(duplex=False)
        self._process = _FORKED.Process(target=write, args=(url, pressed_again, tell), daemon=True)
        self._process.start()
        # Only the writer's own end is left, so that its death ends what is heard.
        tell.close()
        self._told = Told()

    @property
    def numbers(self) -> list[str]:
        """What it has been heard to acknowledge."""
        return list(self._told.numbers.values())

    def listen(self, words: int) -> None:
        """Waits until it has said this much more."""
        for _ in range(words):
            assert self._heard.poll(_END_SECONDS), "the writer says nothing"
            self._hear()

    def kill(self) -> Told:
        """`kill -9`; gives everything that it has said."""
        self._process.kill()
        self._process.join(_END_SECONDS)
        with suppress(EOFError):
            while True:
                self._hear()
        self._heard.close()
        return self._told

    def _hear(self) -> None:
        draft, number = self._heard.recv()
        if number is None:
            self._told.drafts.append(draft)
        else:
            self._told.numbers[draft] = number


def write(url: str, pressed_again: list[str], tell: Connection) -> None:
    """Files until it is killed; says each draft when it is kept, and each number when it is committed."""
    engine = open_engine(url, controller=CONTROLLER)
    for draft in pressed_again:
        tell.send((draft, None))
        tell.send((draft, file(engine, draft)))
    while True:
        draft = keep_draft(engine)
        tell.send((draft, None))
        tell.send((draft, file(engine, draft)))


def keep_draft(engine: Engine) -> str:
    """The turn that shows the summary."""
    with transaction(engine) as session:
        return open_draft(
            session,
            controller=CONTROLLER,
            conversation_id=None,
            channel="web",
            kinds=[Kind.DISCLOSURE],
            scope="予約履歴",
            words="予約の記録を見せてください。",
            vault=VAULT,
            now=system_clock(),
        )


def file(engine: Engine, draft: str) -> str:
    """The confirming press; gives the number once it is committed."""
    with transaction(engine) as session:
        (filed,) = file_draft(session, draft, now=system_clock(), vault=VAULT)
    return filed.number


def preload() -> None:
    """Has the process that writers are forked from import what they need, before it is first started."""
    _FORKED.set_forkserver_preload([__name__])
