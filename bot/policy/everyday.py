"""Everyday words → policy words: what members call the things that policies name otherwise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from bot.policy.entries import read_values
from bot.policy.faults import EntryIsWrongError
from bot.policy.lexical import Analyzer, open_analyzer

FILE_NAME = "words.yml"
"""A policy's own map, beside it in its folder; it adds to the built-in one."""

_FILE = Path(__file__).parent / "data" / "everyday_words.yml"
# Words of one phrase may have this many others between them: 「どう…に使う」.
_REACH = 4


_Words = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"\S")]


class WordRow(BaseModel):
    """One row of a policy's own map: the policy's names for a thing, and the phrases of members that mean it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    policy: tuple[_Words, ...] = Field(min_length=1)
    members: tuple[_Words, ...] = Field(min_length=1)


@dataclass(frozen=True)
class Entry:
    """Members' phrases, each as its normalized forms, and the names policies have for what they mean."""

    alternatives: tuple[str, ...]
    phrases: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Offer:
    """What a phrase that stands in a question is called in policies: several names, the most usual first."""

    alternatives: tuple[str, ...]
    phrase: tuple[str, ...]

    @property
    def policy(self) -> str:
        """The first of the names."""
        return self.alternatives[0]


@dataclass(frozen=True)
class Everyday:
    """The whole map; `texts` are its phrases and names as they are written."""

    entries: tuple[Entry, ...]
    texts: tuple[str, ...] = ()

    def offers(self, forms: Sequence[str]) -> list[Offer]:
        """The policies' names for what stands in a question, longest phrases first; one offer an entry.

        Args:
            forms: normalized forms of the question (`Analyzer.forms`).
        """
        longest: dict[int, tuple[str, ...]] = {}
        for form in dict.fromkeys(forms):
            for place, phrase in self._by_first_form.get(form, ()):
                if len(phrase) > len(longest.get(place, ())) and _stands_in(phrase, forms):
                    longest[place] = phrase
        found = [Offer(self.entries[place].alternatives, longest[place]) for place in sorted(longest)]
        return sorted(found, key=lambda offer: -len(offer.phrase))

    @cached_property
    def _by_first_form(self) -> Mapping[str, Sequence[tuple[int, tuple[str, ...]]]]:
        phrases: dict[str, list[tuple[int, tuple[str, ...]]]] = defaultdict(list)
        for place, entry in enumerate(self.entries):
            for phrase in entry.phrases:
                phrases[phrase[0]].append((place, phrase))
        return phrases


@lru_cache(maxsize=1)
def open_everyday() -> Everyday:
    """The map of this process, read once."""
    return read_everyday(_FILE, open_analyzer())


def read_everyday(path: Path, analyzer: Analyzer) -> Everyday:
    """Reads a map; see the head of `data/everyday_words.yml` for its form."""
    return _everyday(yaml.safe_load(path.read_text(encoding="utf-8")), analyzer)


def open_everyday_of(folder: Path) -> Everyday:
    """The map of a policy: the built-in one, and what `words.yml` of its folder adds.

    Raises:
        BadInputError: the file cannot be read; the message names line and fault.
    """
    own = load_words(folder)
    if not own:
        return open_everyday()
    added = _everyday([row.model_dump() for row in own], open_analyzer())
    built_in = open_everyday()
    return Everyday((*built_in.entries, *added.entries), (*built_in.texts, *added.texts))


def load_words(folder: Path) -> tuple[WordRow, ...]:
    """What a policy's folder adds to the map; nothing when it has no such file.

    Raises:
        BadInputError: the file cannot be read; the message names line and fault.
    """
    path = folder / FILE_NAME
    rows: list[WordRow] = []
    for line, value in read_values(path):
        try:
            rows.append(WordRow.model_validate(value))
        except ValidationError as error:
            fault = error.errors()[0]
            raise EntryIsWrongError(path, line, fault["msg"], where=[*map(str, fault["loc"])]) from None
    return tuple(rows)


def _everyday(rows: Sequence[Mapping[str, Sequence[str]]], analyzer: Analyzer) -> Everyday:
    entries = (
        Entry(
            alternatives=tuple(row["policy"]),
            phrases=tuple(forms for phrase in row["members"] if (forms := tuple(analyzer.forms(phrase)))),
        )
        for row in rows
    )
    return Everyday(tuple(entries), tuple(text for row in rows for text in (*row["policy"], *row["members"])))


def _stands_in(phrase: Sequence[str], forms: Sequence[str]) -> bool:
    starts = [i for i, form in enumerate(forms) if phrase and form == phrase[0]]
    return any(_follows(phrase[1:], forms, start) for start in starts)


def _follows(rest: Sequence[str], forms: Sequence[str], place: int) -> bool:
    for form in rest:
        window = forms[place + 1 : place + 1 + _REACH]
        if form not in window:
            return False
        place += 1 + window.index(form)
    return True
