"""Where the words stand that answer a row: by the labels of their sections, or by the words themselves."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from bot.evaluation.facts import covers, stands_at
from bot.evaluation.question_sets import Row
from bot.policy.folding import folded
from bot.policy.model import Passage, Policy


class Gold(Protocol):
    """What a row's answer must come from."""

    def is_in(self, passage: Passage) -> bool:
        """Whether a passage that was found is the right one."""

    def is_cited_by(self, citation: Mapping[str, Any]) -> bool:
        """Whether a citation of a message is a right one."""


@dataclass(frozen=True)
class GoldSections:
    """Any of these sections, or one below them."""

    labels: tuple[str, ...]

    def is_in(self, passage: Passage) -> bool:
        """By the label of its section."""
        return stands_at(passage.section, self.labels)

    def is_cited_by(self, citation: Mapping[str, Any]) -> bool:
        """By the label of its section."""
        return stands_at(citation["section"], self.labels)


@dataclass(frozen=True)
class GoldSpan:
    """Words of a policy, with every range they stand at and the sections that hold those."""

    span: str
    places: tuple[tuple[int, int], ...]
    labels: tuple[str, ...]

    @classmethod
    def of(cls, span: str, policy: Policy) -> GoldSpan:
        """Looks the words up; no place when the policy does not say them as they are written."""
        places = tuple(places_of(span, policy.text))
        found = (section.label for start, end in places if (section := policy.section_at(start)) and end > start)
        return cls(span, places, tuple(dict.fromkeys(found)))

    def is_in(self, passage: Passage) -> bool:
        """By nine tenths of the words."""
        return covers(self.span, passage.text)

    def is_cited_by(self, citation: Mapping[str, Any]) -> bool:
        """By overlap with a place of the words, or by standing in their section."""
        start, end = citation["start"], citation["end"]
        touches = any(start < last and first < end for first, last in self.places)
        return touches or stands_at(citation["section"], self.labels)


def gold_of(row: Row, policy: Policy | None = None) -> Gold | None:
    """The gold of a row; None when it has none, or has only words and there is no policy to look them up in."""
    if row.gold_span and policy is not None:
        return GoldSpan.of(row.gold_span, policy)
    labels = tuple(label for label in row.sections if label != "none")
    return GoldSections(labels) if labels else None


def places_of(span: str, text: str) -> list[tuple[int, int]]:
    """Every range of the text that is these words, whatever its white space and width of characters."""
    wanted = folded(span)
    letters: list[str] = []
    origins: list[int] = []
    for position, character in enumerate(text):
        for letter in unicodedata.normalize("NFKC", character):
            if not letter.isspace():
                letters.append(letter)
                origins.append(position)
    whole = "".join(letters)
    places: list[tuple[int, int]] = []
    start = whole.find(wanted) if wanted else -1
    while start >= 0:
        places.append((origins[start], origins[start + len(wanted) - 1] + 1))
        start = whole.find(wanted, start + 1)
    return places
