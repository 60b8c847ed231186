"""Standard questions: what every policy should be able to answer, by law or because members ask it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field

from bot.message import Citation, Message
from bot.policy.cards import Words
from bot.policy.entries import Entry, read_entries

_FILE = Path(__file__).parent / "data" / "standard_questions.yml"
State = Literal["answered", "in part", "open"]


class StandardQuestion(Entry):
    """One matter; see the head of `data/standard_questions.yml` for the fields."""

    group: Words
    topic: Words
    law: str = ""
    ask: tuple[Words, ...] = Field(min_length=1, max_length=2)


@dataclass(frozen=True)
class Standing:
    """How a policy stands to one matter.

    Attributes:
        question: the matter.
        state: `answered` in every wording, `open` in none, else `in part`.
        citation: the first words that answer; None when it is open.
    """

    question: StandardQuestion
    state: State
    citation: Citation | None


@lru_cache(maxsize=1)
def open_standard_questions() -> tuple[StandardQuestion, ...]:
    """Every matter in the order of the file, read once."""
    return read_entries(_FILE, StandardQuestion)


def survey(questions: Sequence[StandardQuestion], ask: Callable[[str], Message]) -> list[Standing]:
    """Asks every wording of every matter.

    Args:
        questions: the matters.
        ask: answers one question that stands alone.
    """
    return [_standing(question, [ask(wording) for wording in question.ask]) for question in questions]


def _standing(question: StandardQuestion, messages: Sequence[Message]) -> Standing:
    answers = [message for message in messages if message.kind == "answer"]
    if not answers:
        return Standing(question, "open", None)
    state: State = "answered" if len(answers) == len(messages) else "in part"
    return Standing(question, state, next(iter(answers[0].citations), None))
