"""Regression sets: cases that must pass before anything is published, each a question or a whole conversation.

A case is a row of a question set, or several that follow one another; what a set adds is what must not come, how many
cases have to pass, and by which way it is run.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bot.evaluation.question_sets import Row

Way = Literal["answers", "talk"]
"""`answers`: by the policy room alone, quick; `talk`: as conversations through Rasa, with buttons."""


@dataclass(frozen=True)
class Case:
    """One case: its rows in order, a note for whoever wonders what it guards, and where it came from."""

    id: str
    rows: tuple[Row, ...]
    note: str = ""
    source: str = ""

    @property
    def title(self) -> str:
        """What is said first."""
        return self.rows[0].utterance


@dataclass(frozen=True)
class RegressionSet:
    """One file of cases.

    Attributes:
        path: the file.
        title: how staff call it.
        about: what it guards, in a sentence.
        way: how it is run.
        is_short: whether every change of the code runs it.
        passing: the share of cases that must pass for the set to be green.
        digest: of the file, by which runs of the same cases are known.
    """

    path: Path
    title: str
    cases: tuple[Case, ...]
    digest: str
    about: str = ""
    way: Way = "answers"
    is_short: bool = False
    passing: float = 1.0

    @property
    def name(self) -> str:
        """The file's own name, which is the set's."""
        return self.path.stem

    @property
    def rows(self) -> list[Row]:
        """Every row of every case."""
        return [row for case in self.cases for row in case.rows]

    def is_green(self, passed: int) -> bool:
        """Whether so many passed cases are enough."""
        return passed >= self.passing * len(self.cases)


def digest_of(content: bytes) -> str:
    """By which a file is known."""
    return hashlib.sha256(content).hexdigest()[:16]
