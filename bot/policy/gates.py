"""May this be answered from what was found? Two gates: off topic, and on topic but not stated."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import yaml

from bot.policy.companies import Companies
from bot.policy.expectations import Expectation, unmet
from bot.policy.folding import folded
from bot.policy.search import Hit, Query, Searcher

_FILE = Path(__file__).parent / "data" / "out_of_scope.yml"
# How many passages count as found.
FOUND = 3
# Off topic: the found passages explain little of the question's words and no sentence is near it either.
OFF_TOPIC_COVERAGE = 0.35
OFF_TOPIC_COSINE = 0.85
# Not stated: the policy never mentions most of what the question is about, and no sentence comes near it.
UNKNOWN_SHARE = 0.65
UNKNOWN_COSINE = 0.87

VerdictKind = Literal["answer", "not_in_policy", "clarify", "out_of_scope"]


@dataclass(frozen=True)
class Verdict:
    """What may be said to one question.

    Attributes:
        kind: which of the four answers.
        reasons: names of the gates that closed, for the trace.
        missing: the facts that are asked for and not stated.
        reply: which fixed text, when out of scope.
    """

    kind: VerdictKind
    reasons: tuple[str, ...] = ()
    missing: tuple[Expectation, ...] = ()
    reply: str = "service"


@dataclass(frozen=True)
class _Wish:
    name: str
    asks: re.Pattern[str]
    unless: re.Pattern[str] | None
    reply: str


def judge(question: str, query: Query, hits: Sequence[Hit], searcher: Searcher, companies: Companies) -> Verdict:
    """Decides what may be said.

    Args:
        question: the member's words, without any topic put in front of them.
        query: what was searched for.
        hits: what was found, best first.
        searcher: knows the policy and its words.
        companies: of the policy.
    """
    wish = next((wish for wish in _wishes() if _is_wish(wish, folded(question))), None)
    if wish is not None:
        return Verdict("out_of_scope", (wish.name,), reply=wish.reply)
    if not query.words and not query.offers:
        return Verdict("clarify", ("no_words",))
    missing = unmet(question, [hit.passage for hit in hits[:FOUND]], searcher.policy, companies)
    if missing:
        return Verdict("not_in_policy", tuple(expectation.name for expectation in missing), tuple(missing))
    if _is_off_topic(hits):
        return Verdict("out_of_scope", ("off_topic",))
    if searcher.unknown_share(query) >= UNKNOWN_SHARE and _cosine(hits) < UNKNOWN_COSINE:
        return Verdict("not_in_policy", ("unknown_words",))
    return Verdict("answer")


def _is_off_topic(hits: Sequence[Hit]) -> bool:
    coverage = max(hit.parts["coverage"] for hit in hits[:FOUND])
    return coverage < OFF_TOPIC_COVERAGE and _cosine(hits) < OFF_TOPIC_COSINE


def _cosine(hits: Sequence[Hit]) -> float:
    return max(hit.parts["cosine"] for hit in hits[:FOUND])


def _is_wish(wish: _Wish, text: str) -> bool:
    return wish.asks.search(text) is not None and not (wish.unless and wish.unless.search(text))


@lru_cache(maxsize=1)
def _wishes() -> tuple[_Wish, ...]:
    rows = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return tuple(
        _Wish(
            row["name"], re.compile(row["asks"]), re.compile(row["unless"]) if "unless" in row else None, row["reply"]
        )
        for row in rows
    )
