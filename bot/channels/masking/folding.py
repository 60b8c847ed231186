"""A folded copy of a text for looking things up in, and the way back to the member's own characters."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property

# A character with its sound mark behind it: half-width kana (ﾀﾞ) and some devices write the two apart.
_CHARACTER = re.compile(r".[\uff9e\uff9f\u3099\u309a]?", re.DOTALL)
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−ー─━"), "-")


@dataclass(frozen=True)
class Folded:
    """A text after NFKC, character by character.

    Attributes:
        original: the text as it was typed.
        text: the folded text.
        spans: for each character of `text`, where in `original` it begins and ends.
    """

    original: str
    text: str
    spans: tuple[tuple[int, int], ...]

    @cached_property
    def dashed(self) -> str:
        """The text with one kind of dash, as numbers need it and names do not (ジョー); places are the same."""
        return self.text.translate(_DASHES)

    def replaced(self, places: list[tuple[int, int, str]]) -> str:
        """The original with new words for these places of the folded text; all else stays as it was typed."""
        pieces, done = [], 0
        for start, end, word in places:
            pieces += [self.original[done : self.spans[start][0]], word]
            done = self.spans[end - 1][1]
        return "".join([*pieces, self.original[done:]])


def fold(text: str) -> Folded:
    """Folds full-width and half-width forms into one."""
    characters: list[str] = []
    spans: list[tuple[int, int]] = []
    for match in _CHARACTER.finditer(text):
        folded = unicodedata.normalize("NFKC", match.group())
        characters += folded
        spans += [match.span()] * len(folded)
    return Folded(text, "".join(characters), tuple(spans))
