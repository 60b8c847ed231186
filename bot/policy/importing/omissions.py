"""Ranges that are no policy, as the front matter says them: by first and last words that find exactly the range."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bot.policy.alignment import find_omitted
from bot.policy.faults import FrontMatterIsWrongError
from bot.policy.importing.lines import Range

_FIRST_LENGTH = 12
_NOWHERE = Path("omitted")
Words = tuple[str, str]


def words_for(text: str, ranges: Sequence[Range]) -> tuple[list[Words], list[Range]]:
    """First and last words of each range, and the ranges that no words of their own can find.

    The words are looked up one after the other, so a range whose words stand before it, in text that is policy,
    cannot be said; it has to stay in the policy.
    """
    said: list[Words] = []
    unsayable: list[Range] = []
    for chosen in ranges:
        words = _words(text, said, chosen)
        if words is None:
            unsayable.append(chosen)
        else:
            said.append(words)
    return said, unsayable


def _words(text: str, said: Sequence[Words], chosen: Range) -> Words | None:
    """The shortest words of at least a dozen characters that find the range after those that were said."""
    start, end = chosen
    whole = end - start
    for length in _lengths(whole):
        words = " ".join(text[start : start + length].split()), " ".join(text[end - length : end].split())
        if _finds(text, [*said, words], chosen):
            return words
    return None


def _lengths(whole: int) -> list[int]:
    lengths = [_FIRST_LENGTH]
    while lengths[-1] < whole:
        lengths.append(lengths[-1] * 2)
    return [min(length, whole) for length in lengths]


def _finds(text: str, words: Sequence[Words], chosen: Range) -> bool:
    try:
        return find_omitted(text, words, _NOWHERE)[-1] == chosen
    except FrontMatterIsWrongError:
        return False
