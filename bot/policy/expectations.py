"""What kind of fact a question asks for, and whether a policy states one of its subject: relevance is no answer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import yaml

from bot.policy.companies import Companies, names_in
from bot.policy.folding import folded
from bot.policy.model import Passage
from bot.policy.people import people_in

_FILE = Path(__file__).parent / "data" / "expectations.yml"

Where = Literal["subject", "policy"]


# What stands between two things that are asked for in one breath.
_SIDE_BY_SIDE = re.compile(r".{0,8}(?:と|や|・|、|及び|および|並びに|ならびに).{0,8}")


@dataclass(frozen=True)
class Expectation:
    """One kind of fact; see the head of `data/expectations.yml` for the fields."""

    name: str
    label: str
    asks: re.Pattern[str]
    needs: str
    where: Where = "subject"
    within: Literal["sentence", "passage"] = "sentence"
    of: str = ""
    gates: bool = True

    def is_asked(self, question: str) -> bool:
        """Whether a question asks for this kind."""
        return self.asks.search(folded(question)) is not None

    def is_held(self, text: str, companies: Companies) -> bool:
        """Whether a text holds such a fact, whoever it is about."""
        return any(True for _ in self._places(text, companies))

    def is_stated_by(self, passage: Passage, question: str, companies: Companies) -> bool:
        """Whether a passage holds one, of the company that is asked about when the kind is a company's."""
        if self.of == "company":
            return companies.owns_one(passage, self._places(passage.text, companies), question)
        return self.is_held(f"{passage.heading} {passage.text}", companies)

    def _places(self, text: str, companies: Companies) -> Iterator[int]:
        """Where such facts begin in the folded text."""
        if self.needs in _SPECIAL:
            return _SPECIAL[self.needs](text, companies)
        return (match.start() for match in _compiled(self.needs).finditer(folded(text)))


def _other_companies(text: str, companies: Companies) -> Iterator[int]:
    return (folded(text).find(folded(name)) for name in names_in(text) if companies.asked(name) != companies.controller)


def _several_companies(text: str, companies: Companies) -> Iterator[int]:
    several = {companies.asked(name): folded(text).find(folded(name)) for name in names_in(text)}
    several.pop(companies.controller, None)
    return iter(several.values() if len(several) > 1 else ())


def _people(text: str, _companies: Companies) -> Iterator[int]:
    return people_in(folded(text))


_SPECIAL = {"one company": _other_companies, "two companies": _several_companies, "a person": _people}


@lru_cache(maxsize=1)
def open_expectations() -> tuple[Expectation, ...]:
    """Every kind of fact, read once."""
    rows = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return tuple(Expectation(**(row | {"asks": re.compile(row["asks"], re.IGNORECASE)})) for row in rows)


def asked(question: str) -> list[Expectation]:
    """The kinds of fact that a question asks for and that must be stated to answer it."""
    return [each for each in open_expectations() if each.gates and each.is_asked(question)]


def asked_side_by_side(question: str, some: Sequence[Expectation], others: Sequence[Expectation]) -> bool:
    """Whether a question names some kinds and the others side by side: 「受付時間と住所」, not 「父の記録の料金」."""
    text = folded(question)
    theirs = [match.span() for each in others for match in each.asks.finditer(text)]
    own = [match.span() for each in some for match in each.asks.finditer(text)]
    between = (text[min(one[1], other[1]) : max(one[0], other[0])] for one in own for other in theirs)
    return any(_SIDE_BY_SIDE.fullmatch(words) for words in between)


def guides(question: str) -> tuple[Expectation, ...]:
    """The kinds of value that a question asks for: sentences that hold one are quoted first."""
    return tuple(each for each in open_expectations() if each.where == "subject" and each.is_asked(question))


def subject_of(question: str) -> str:
    """The question without the words that name kinds of fact: what is left names what it is about."""
    text = folded(question)
    for each in asked(question):
        # 「位置情報」 names a thing of its own, and stays a subject: 「位置情報は何日残る」.
        text = each.asks.sub(_kind_taken_out, text) if each.where == "subject" else text
    return text


def _kind_taken_out(match: re.Match[str]) -> str:
    """What stays of the words that ask: 「副院長」 of 「副院長の名前」, when the pattern tells them apart."""
    if "kind" not in match.re.groupindex or match["kind"] is None:
        return " "
    start, end = match.start("kind") - match.start(), match.end("kind") - match.start()
    return f"{match[0][:start]} {match[0][end:]}"


@lru_cache(maxsize=128)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)
