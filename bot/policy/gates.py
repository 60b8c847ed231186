"""May this be answered from what was found? Two gates: off topic, and on topic but not stated."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import yaml

from bot.policy.answerability import Evidence, answerability
from bot.policy.cards import Card
from bot.policy.expectations import Expectation, asked, asked_side_by_side
from bot.policy.folding import folded
from bot.policy.gaps import Gap
from bot.policy.known import Match
from bot.policy.labels import chapter_of
from bot.policy.model import Policy
from bot.policy.search import Hit, Query
from bot.policy.statedness import statedness
from bot.policy.sufficiency import Facts

_FILE = Path(__file__).parent / "data" / "out_of_scope.yml"
# Below this, a question is taken for none of the policy's matters.
OFF_TOPIC = 0.4
# A follow-up says little by itself, and what it leans on was a matter of the policy.
OFF_TOPIC_FOLLOWING = 0.1
# So strange a question is off topic even when its words look like a card's.
STRANGE = -0.35
# Below this, what is asked is taken not to be stated: where, on sets that did not fit the weights, one question in
# twenty that the policy answers is refused.
STATED = 0.3
# Below this, an answer says that it may not be one.
CLEAR = 0.5
# Two sections fit alike when the second scores this near to the first, for a question of so few words.
ALIKE = 0.95
FEW_WORDS = 2
# A written question decides from this score on, when cards and gaps do not both claim the question.
KNOWN = 0.28
AHEAD = 0.06
# A second card joins the first when it is nearly as likely and adds only a little to read.
NEARLY = 0.75
MOST_QUOTES = 4

VerdictKind = Literal["answer", "not_in_policy", "clarify", "out_of_scope"]


@dataclass(frozen=True)
class Verdict:
    """What may be said to one question.

    Attributes:
        kind: which of the four answers.
        matter: how likely it is a matter of the policy, 0 to 1.
        stated: how likely the policy states what is asked, if it is one, 0 to 1.
        reasons: names of what decided, for the trace.
        missing: what is asked for and not stated, as members read it.
        reply: which fixed text, when out of scope.
        cards: the cards that answer, if any do: one, or two that are as near and speak of the same chapter.
        gap: the known gap that is asked about, if it is one.
        is_unclear: whether the answer may not state what was asked.
        between: what was found in the sections that fit alike, when it is asked back which is meant.
    """

    kind: VerdictKind
    matter: float = 1.0
    stated: float = 1.0
    reasons: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    reply: str = "service"
    cards: tuple[Card, ...] = ()
    gap: Gap | None = None
    is_unclear: bool = False
    between: tuple[Hit, ...] = ()

    @property
    def answerability(self) -> float:
        """How likely the policy answers, 0 to 1."""
        return self.matter * self.stated

    @property
    def is_known(self) -> bool:
        """Whether a card or a gap decided."""
        return bool(self.cards) or self.gap is not None


@dataclass(frozen=True)
class Case:
    """Everything a question is judged by.

    Attributes:
        question: the member's words, without any topic put in front of them.
        query: what was searched for.
        hits: what was found, best first.
        matches: cards and gaps, the likeliest first.
        topic: how much it is a matter of a privacy desk; below 0 it rather is none.
        wanted: how much it wants each kind of fact.
    """

    question: str
    query: Query
    hits: Sequence[Hit]
    matches: Sequence[Match]
    topic: float
    wanted: Mapping[str, float]


@dataclass(frozen=True)
class _Wish:
    name: str
    asks: re.Pattern[str]
    unless: re.Pattern[str] | None
    reply: str


def judge(case: Case, facts: Facts) -> Verdict:
    """Decides what may be said.

    Args:
        case: the question and what was found for it.
        facts: what the policy states.
    """
    wish = next((wish for wish in _wishes() if _is_wish(wish, folded(case.question))), None)
    if wish is not None:
        return Verdict("out_of_scope", matter=0.0, reasons=(wish.name,), reply=wish.reply)
    if not case.query.words and not case.query.offers:
        return Verdict("clarify", reasons=("no_words",))
    known = decisive(case.matches)
    if known is not None and case.topic > STRANGE:
        return _by_known(known, case, facts)
    return _by_found(case, facts)


def decisive(matches: Sequence[Match]) -> Match | None:
    """The card or gap that a question belongs to; None when it is none's, or when both a card and a gap claim it."""
    if not matches or matches[0].score < KNOWN:
        return None
    best = matches[0]
    rival = next((match for match in matches if isinstance(match.owner, Gap) != isinstance(best.owner, Gap)), None)
    return best if rival is None or best.score - rival.score >= AHEAD else None


def _by_known(match: Match, case: Case, facts: Facts) -> Verdict:
    reason = f"{type(match.owner).__name__.lower()}:{match.owner.id}"
    if isinstance(match.owner, Gap):
        return Verdict("not_in_policy", 1.0, 0.0, (reason,), (match.owner.entry.label,), gap=match.owner)
    cards = (match.owner, *_siblings(match, case.matches, facts.searcher.policy))
    missing = _not_quoted(cards, case.question, facts)
    if missing and not _is_partly_met(case.question, missing):
        return _unstated(missing, reason)
    return Verdict("answer", 1.0, 1.0, (reason,), tuple(each.label for each in missing), cards=cards)


def _siblings(match: Match, matches: Sequence[Match], policy: Policy) -> tuple[Card, ...]:
    """The card that comes second, when it is nearly as likely: 「口座情報もグループで共有？」 is a matter of both."""
    second = matches[1] if len(matches) > 1 else match
    if not isinstance(second.owner, Card) or second.score < max(KNOWN, NEARLY * match.score):
        return ()
    is_near = _chapters(second.owner, policy) & _chapters(match.owner, policy)
    return (second.owner,) if is_near and len(second.owner.ranges) <= MOST_QUOTES else ()


def _chapters(owner: Card | Gap, policy: Policy) -> frozenset[str]:
    sections = (policy.section_at(start) for start, _ in owner.places)
    return frozenset(chapter_of(section.label) for section in sections if section)


def _not_quoted(cards: Sequence[Card], question: str, facts: Facts) -> list[Expectation]:
    """The kinds of fact that a question asks for and the cards' quotes do not hold: a neighbour is asked about."""
    policy = facts.searcher.policy
    quotes = " ".join(policy.text[start:end] for card in cards for start, end in card.ranges)
    return [each for each in asked(question) if each.where == "subject" and not each.is_held(quotes, facts.companies)]


def _by_found(case: Case, facts: Facts) -> Verdict:
    matter = answerability(Evidence.of(case.query, case.hits, facts.searcher, case.topic))
    if matter < (OFF_TOPIC_FOLLOWING if case.query.topic else OFF_TOPIC):
        return Verdict("out_of_scope", matter, reasons=("off_topic",))
    look = facts.look(case.question, case.query, case.hits)
    stated, missing = statedness(look.signs(case.wanted)), look.unmet
    if _is_partly_met(case.question, missing):
        labels = tuple(each.label for each in missing)
        return Verdict("answer", matter, stated, ("partly", *(each.name for each in missing)), labels)
    # What has a name of its own and stands nowhere is not stated, however near other words come.
    if stated < STATED or any(each.where == "policy" for each in missing):
        return _unstated(missing, "unstated", matter=matter, stated=stated)
    between = _between(case) if stated < CLEAR else ()
    if between:
        return Verdict("clarify", matter, stated, ("between",), between=between)
    return Verdict("answer", matter, stated, ("unclear",) if stated < CLEAR else (), is_unclear=stated < CLEAR)


def _is_partly_met(question: str, missing: Sequence[Expectation]) -> bool:
    """Whether one thing is stated and another, asked for in other words, is not: both are said."""
    met = [each for each in asked(question) if each not in missing]
    return bool(missing and met) and asked_side_by_side(question, missing, met)


def _between(case: Case) -> tuple[Hit, ...]:
    """The two passages that a short question may mean, when they stand in different sections and fit alike."""
    first, second = case.hits[0], case.hits[1 % len(case.hits)]
    is_alike = second.score >= ALIKE * first.score and first.passage.section != second.passage.section
    is_short = len(case.query.words) <= FEW_WORDS and not case.query.topic
    return (first, second) if is_alike and is_short else ()


def _unstated(missing: Sequence[Expectation], *reasons: str, matter: float = 1.0, stated: float = 0.0) -> Verdict:
    names = tuple(expectation.name for expectation in missing)
    labels = tuple(expectation.label for expectation in missing)
    return Verdict("not_in_policy", matter, stated, (*reasons, *names), labels)


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
