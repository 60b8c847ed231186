"""One question taken through every stage, each looked at by itself, so that staff see why an answer came."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from bot.clock import Clock
from bot.console.rasa_parse import Parse, RasaParser
from bot.errors import MadoguchiError, UnavailableError
from bot.policy.answer import Answer
from bot.policy.assistant import Assistant, open_assistant
from bot.register.kinds import Kind, detect
from bot.settings import Settings

Result = TypeVar("Result")


@dataclass(frozen=True)
class Timed(Generic[Result]):
    """What a stage gave, or why it gave nothing, and how long it took."""

    result: Result | None
    fault: str
    milliseconds: float


@dataclass(frozen=True)
class Trial:
    """Everything the page shows about one question."""

    question: str
    parse: Timed[Parse]
    kinds: Timed[list[Kind]]
    answer: Timed[Answer]


class LazyAssistant:
    """The assistant, opened by the first question: it loads the embedding model, which most visits do not need."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._opened: Assistant | None = None

    def get(self) -> Assistant:
        """The one assistant of this process; blocks while it loads."""
        with self._lock:
            if self._opened is None:
                self._opened = open_assistant(self._settings)
            return self._opened


async def try_question(question: str, *, parser: RasaParser, assistant: LazyAssistant, clock: Clock) -> Trial:
    """Runs all stages at once. A stage that fails says so in its place; the others still show theirs."""
    parse, kinds, answer = await asyncio.gather(
        _parse(question, parser),
        asyncio.to_thread(_timed, lambda: detect(question)),
        asyncio.to_thread(_timed, lambda: assistant.get().answer(question, None, clock())),
    )
    return Trial(question=question, parse=parse, kinds=kinds, answer=answer)


async def _parse(question: str, parser: RasaParser) -> Timed[Parse]:
    started = time.perf_counter()
    try:
        return Timed(await parser.parse(question), "", _since(started))
    except UnavailableError as error:
        return Timed(None, str(error), _since(started))


def _timed(stage: Callable[[], Result]) -> Timed[Result]:
    started = time.perf_counter()
    try:
        return Timed(stage(), "", _since(started))
    except MadoguchiError as error:
        return Timed(None, str(error), _since(started))


def _since(started: float) -> float:
    return (time.perf_counter() - started) * 1000
