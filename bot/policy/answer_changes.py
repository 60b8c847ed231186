"""Which answers change with a new version: the same conversations asked of both."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.message import Message
from bot.policy.folding import folded

Context = Mapping[str, Any]
# One turn: the question and the context of the turn before, to the message and the context of the next.
Ask = Callable[[str, Context | None], tuple[Message, Context]]


@dataclass(frozen=True)
class Given:
    """What an answer comes down to: its kind and the words it quotes."""

    kind: str
    quotes: tuple[str, ...]


@dataclass(frozen=True)
class AnswerChange:
    """A question that the two versions answer differently."""

    question: str
    old: Given
    new: Given


def changed_answers(conversations: Sequence[Sequence[str]], old: Ask, new: Ask) -> Iterator[AnswerChange]:
    """Every question whose answer is of another kind, or quotes other words; white space aside.

    Args:
        conversations: the questions of each conversation, in order.
        old: asks the old version.
        new: asks the new version.
    """
    for questions in conversations:
        for question, before, after in zip(questions, _given(questions, old), _given(questions, new), strict=True):
            if _folded(before) != _folded(after):
                yield AnswerChange(question, before, after)


def _given(questions: Sequence[str], ask: Ask) -> Iterator[Given]:
    context: Context | None = None
    for question in questions:
        message, context = ask(question, context)
        yield Given(message.kind, tuple(citation.quote for citation in message.citations))


def _folded(given: Given) -> tuple[str, tuple[str, ...]]:
    return given.kind, tuple(folded(quote) for quote in given.quotes)
