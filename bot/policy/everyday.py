"""Everyday words → policy words: what members call the things that policies name otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from bot.policy.lexical import Analyzer, open_analyzer

_FILE = Path(__file__).parent / "data" / "everyday_words.yml"
# Words of one phrase may have this many others between them: 「どう…に使う」.
_REACH = 4


@dataclass(frozen=True)
class Entry:
    """Members' phrases, each as its normalized forms, and the policy's words for them."""

    policy: str
    phrases: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Offer:
    """A policy's words for a phrase that stands in a question."""

    policy: str
    phrase: tuple[str, ...]


@dataclass(frozen=True)
class Everyday:
    """The whole map."""

    entries: tuple[Entry, ...]

    def offers(self, forms: Sequence[str]) -> list[Offer]:
        """The policy's words for what stands in a question, longest phrases first; one offer an entry.

        Args:
            forms: normalized forms of the question (`Analyzer.forms`).
        """
        found = [
            Offer(entry.policy, max(phrases, key=len))
            for entry in self.entries
            if (phrases := [phrase for phrase in entry.phrases if _stands_in(phrase, forms)])
        ]
        return sorted(found, key=lambda offer: -len(offer.phrase))


@lru_cache(maxsize=1)
def open_everyday() -> Everyday:
    """The map of this process, read once."""
    return _read(_FILE, open_analyzer())


def _read(path: Path, analyzer: Analyzer) -> Everyday:
    rows = yaml.safe_load(path.read_text(encoding="utf-8"))
    return Everyday(
        tuple(Entry(row["policy"], tuple(tuple(analyzer.forms(str(p))) for p in row["members"])) for row in rows)
    )


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
