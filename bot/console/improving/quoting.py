"""Picking quotes out of the policy by ticking its sentences: what is quoted is never typed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.console.frame.forms import FormIsWrongError
from bot.policy.citations import find_range
from bot.policy.faults import QuoteIsMissingError
from bot.policy.model import Policy

Range = tuple[int, int]
_RANGE = re.compile(r"(\d{1,7})-(\d{1,7})")


@dataclass(frozen=True)
class Pick:
    """One sentence of the policy, or one cell of a table."""

    value: str
    text: str


@dataclass(frozen=True)
class Group:
    """The sentences under one heading."""

    heading: str
    picks: tuple[Pick, ...]


def groups_of(policy: Policy) -> list[Group]:
    """Every sentence, under the heading it stands under."""
    return [
        Group(
            section.heading,
            tuple(
                Pick(f"{sentence.start}-{sentence.end}", sentence.text)
                for passage in section.passages
                for sentence in passage.sentences
            ),
        )
        for section in policy.sections
        if section.passages
    ]


def quotes_of(policy: Policy, kept: Sequence[str], picked: Iterable[str]) -> list[str]:
    """Quotes in the order of the policy: those that stay, and the sentences ticked; one within another stands once.

    Raises:
        FormIsWrongError: a quote that should stay is not in the policy, or what was ticked is no sentence of it.
    """
    ranges = sorted({*_places(policy, kept), *(range_of(policy, value) for value in picked)})
    return [policy.text[start:end] for start, end in ranges if not _is_within((start, end), ranges)]


def range_of(policy: Policy, value: str) -> Range:
    """The sentence that a box stands for.

    Raises:
        FormIsWrongError: there is no such sentence.
    """
    match = _RANGE.fullmatch(value)
    found = (int(match[1]), int(match[2])) if match else None
    if found is None or found not in {(sentence.start, sentence.end) for sentence in policy.sentences}:
        raise FormIsWrongError("選んだ文が方針にありません。画面を開き直して選び直してください。")
    return found


def _places(policy: Policy, quotes: Sequence[str]) -> Iterable[Range]:
    end = 0
    for quote in quotes:
        try:
            start, end = find_range(policy, quote, after=end)
        except QuoteIsMissingError:
            raise FormIsWrongError(
                f"この引用は今の方針にありません：「{quote}」。外して、文を選び直してください。"
            ) from None
        yield start, end


def _is_within(one: Range, ranges: Sequence[Range]) -> bool:
    return any(other != one and other[0] <= one[0] and one[1] <= other[1] for other in ranges)
