"""One question taken through every stage, each looked at by itself, so that staff see why an answer came."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from bot.console.trying.previews import Preview, previews_of
from bot.console.trying.rasa_parse import Parse, RasaParser
from bot.console.trying.trace_view import TraceView, trace_view
from bot.errors import MadoguchiError
from bot.evaluation.runs.subject import Subject
from bot.evaluation.runs.subjects import Subjects
from bot.message import Choice, Citation, Message
from bot.policy.answer import Answer
from bot.policy.model import Policy
from bot.policy.tracing import traced
from bot.register.kinds import Kind, detect

_CANDIDATES = 10

Result = TypeVar("Result")


@dataclass(frozen=True)
class Timed(Generic[Result]):
    """What a stage gave, or why it gave nothing, and how long it took."""

    result: Result | None
    fault: str
    milliseconds: float


@dataclass(frozen=True)
class Run:
    """Some words of the policy, quoted or not."""

    text: str
    is_quoted: bool


@dataclass(frozen=True)
class Place:
    """A section that the answer quotes, with its quotes marked."""

    section: str
    heading: str
    url: str
    runs: tuple[Run, ...]


@dataclass(frozen=True)
class Tried:
    """What one corpus makes of the question."""

    subject: Subject
    message: Message
    trace: TraceView | None
    places: tuple[Place, ...]
    previews: tuple[Preview, ...]


@dataclass(frozen=True)
class Trial:
    """Everything the page shows about one question; one answer for each corpus that was asked."""

    question: str
    parse: Timed[Parse]
    kinds: Timed[list[Kind]]
    answers: tuple[Timed[Tried], ...]


async def try_question(
    question: str, subjects: Sequence[Subject], *, opened: Subjects, parser: RasaParser, now: datetime
) -> Trial:
    """Runs all stages at once. A stage that fails says so in its place; the others still show theirs."""
    parse, kinds, answers = await asyncio.gather(
        _timed(lambda: parser.parse(question)),
        _timed(lambda: asyncio.to_thread(detect, question)),
        asyncio.gather(*(_timed(_asking(question, subject, opened, now)) for subject in subjects)),
    )
    return Trial(question, parse, kinds, tuple(answers))


def tried(subject: Subject, policy: Policy, answer: Answer) -> Tried:
    """An answer laid open."""
    choices = tuple(Choice(id=str(place), title=option.title) for place, option in enumerate(answer.options))
    message = answer.message.model_copy(update={"choices": choices})
    questions = [traced(each, message.citations, hits=_CANDIDATES) for each in answer.findings]
    stored = {"context": answer.context, "trace": answer.trace | ({"questions": questions} if questions else {})}
    return Tried(
        subject, message, trace_view(stored, policy), places_of(message.citations, policy), previews_of([message])
    )


def places_of(citations: Sequence[Citation], policy: Policy) -> tuple[Place, ...]:
    """The sections that are quoted, in the order of the answer; a quote of another document has no place here."""
    mine = [each for each in citations if each.policy == policy.id and each.version == policy.version]
    found: dict[str, Place] = {}
    for citation in mine:
        section = policy.section_at(citation.start)
        if section is not None and section.label not in found:
            ranges = sorted((each.start, each.end) for each in mine)
            runs = tuple(_runs(policy.text, section.start, section.end, ranges))
            found[section.label] = Place(section.label, section.heading, citation.url, runs)
    return tuple(found.values())


def _runs(text: str, start: int, end: int, ranges: Sequence[tuple[int, int]]) -> list[Run]:
    runs: list[Run] = []
    position = start
    for first, last in ranges:
        begin, stop = max(first, position), min(last, end)
        if begin >= stop:
            continue
        if position < begin:
            runs.append(Run(text[position:begin], is_quoted=False))
        runs.append(Run(text[begin:stop], is_quoted=True))
        position = stop
    return [*runs, Run(text[position:end], is_quoted=False)] if position < end else runs


def _asking(question: str, subject: Subject, opened: Subjects, now: datetime) -> Callable[[], Awaitable[Tried]]:
    def ask() -> Tried:
        assistant = opened.open(subject)
        return tried(subject, assistant.policy, assistant.answer(question, None, now))

    return lambda: asyncio.to_thread(ask)


async def _timed(stage: Callable[[], Awaitable[Result]]) -> Timed[Result]:
    begun = time.perf_counter()
    try:
        return Timed(await stage(), "", _since(begun))
    except MadoguchiError as error:
        return Timed(None, str(error), _since(begun))


def _since(begun: float) -> float:
    return (time.perf_counter() - begun) * 1000
