"""What kind of fact a question asks for, and whether a text states one: relevance alone does not answer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import yaml

from bot.policy.companies import Companies, names_in
from bot.policy.folding import folded
from bot.policy.model import Passage, Policy

_FILE = Path(__file__).parent / "data" / "expectations.yml"
_COMPANIES_NEEDED = {"one company": 1, "two companies": 2}

Where = Literal["best", "found", "policy"]


@dataclass(frozen=True)
class Expectation:
    """One kind of fact; see the head of `data/expectations.yml` for the fields."""

    name: str
    label: str
    asks: re.Pattern[str]
    needs: str
    where: Where = "found"
    of: str = ""

    def stated_in(self, passage: Passage, question: str, companies: Companies) -> bool:
        """Whether the passage holds such a fact, of the company that is asked about."""
        if self.needs in _COMPANIES_NEEDED:
            named = {name for name in names_in(passage.text) if companies.asked(name) != companies.controller}
            return len(named) >= _COMPANIES_NEEDED[self.needs]
        pattern = _compiled(self.needs)
        if self.of == "company":
            return companies.states(passage, pattern, question)
        return pattern.search(folded(passage.text)) is not None


@lru_cache(maxsize=1)
def open_expectations() -> tuple[Expectation, ...]:
    """Every kind of fact, read once."""
    rows = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return tuple(Expectation(**(row | {"asks": re.compile(row["asks"], re.IGNORECASE)})) for row in rows)


def unmet(question: str, found: Sequence[Passage], policy: Policy, companies: Companies) -> list[Expectation]:
    """The facts a question asks for that the text does not state.

    Args:
        question: what is asked.
        found: the passages that were found, best first.
        policy: where things with a name of their own are looked for.
        companies: of this policy.
    """
    places: dict[Where, Sequence[Passage]] = {"best": found[:1], "found": found, "policy": policy.passages}
    asked = [expectation for expectation in open_expectations() if expectation.asks.search(folded(question))]
    return [
        expectation
        for expectation in asked
        if not any(expectation.stated_in(passage, question, companies) for passage in places[expectation.where])
    ]


@lru_cache(maxsize=128)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)
