"""The second gate: does what was found state the kind of fact that is asked, of the thing that is asked about?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Self

from bot.policy.companies import Companies
from bot.policy.coverage import Coverage
from bot.policy.expectations import Expectation, asked, open_expectations, subject_of
from bot.policy.model import Sentence
from bot.policy.search import Hit, Query, Searcher
from bot.policy.statedness import Signs
from bot.policy.statements import Statement, statements_of

# Passages that are looked through for a fact.
LOOKED_AT = 8
# A fact counts as stated where a sentence that holds one speaks of the subject at least this much as the one that
# speaks of it most, and lies at most this much farther from the question than the nearest one.
AS_MUCH = 0.75
REACH = 0.08
# How far apart the search's figures lie for a good and a poor sentence: one such step weighs as much as the subject.
STEP = 0.05
# The distance of a fact that none of the found sentences holds.
NOWHERE = 4.0
# A kind that the words of a question name is wanted by this much more than the examples say.
NAMED = 0.4


@dataclass(frozen=True)
class Wish:
    """A kind of fact with how much a question wants it, and how the policy meets it.

    Attributes:
        kind: what is wanted.
        strength: how much, about 0 to 1.4.
        is_beside: whether the best passage holds no such fact.
        distance: how much farther than any sentence the nearest one with such a fact lies, in meaning and subject.
    """

    kind: Expectation
    strength: float
    is_beside: bool
    distance: float


@dataclass(frozen=True)
class Facts:
    """What a policy states, ready to be asked for facts of a kind."""

    searcher: Searcher
    statements: Mapping[Sentence, Statement]
    companies: Companies
    _held: dict[tuple[str, Sentence], bool] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, searcher: Searcher) -> Self:
        """What the policy of a searcher states."""
        statements = {statement.sentence: statement for statement in statements_of(searcher.policy)}
        return cls(searcher, statements, Companies.of(searcher.policy))

    def look(self, question: str, query: Query, hits: Sequence[Hit]) -> Look:
        """Looks once at what was found for a question.

        Args:
            question: what is asked.
            query: the same, as it was searched for, with its topic.
            hits: what was found, best first.
        """
        return Look(self, question, query, hits[:LOOKED_AT])

    def holds(self, expectation: Expectation, statement: Statement) -> bool:
        """Whether a sentence holds such a fact; each is looked at once."""
        key = (expectation.name, statement.sentence)
        if key not in self._held:
            self._held[key] = expectation.is_held(statement.sentence.text, self.companies)
        return self._held[key]


class Look:
    """One look at what was found for one question."""

    def __init__(self, facts: Facts, question: str, query: Query, hits: Sequence[Hit]) -> None:
        self._facts = facts
        self._question = question
        self._query = query
        self._hits = hits
        subject = facts.searcher.query(subject_of(question), query.topic)
        coverage = Coverage.of(subject, facts.searcher, (*subject.words, *subject.topic_words))
        self._near = {facts.statements[sentence]: score for hit in hits for sentence, score in hit.near}
        self._spoken = {each: coverage.share(each.context) for each in self._near}
        self._coverage = coverage

    @cached_property
    def _around(self) -> dict[Statement, float]:
        return {each: self._coverage.share(each.surroundings) for each in self._near}

    @cached_property
    def unmet(self) -> list[Expectation]:
        """The kinds of fact that the words of the question ask for and the policy does not state."""
        return [each for each in asked(self._question) if not self._is_met(each)]

    def signs(self, wanted: Mapping[str, float]) -> Signs:
        """What speaks for and against the policy's stating what is asked; `wanted` is what the examples say."""
        wishes = [
            self._wish(each, wanted[each.name] + NAMED * each.is_asked(self._question))
            for each in open_expectations()
            if each.name in wanted
        ]
        strongest = max(wishes, key=lambda wish: wish.strength)
        return Signs(
            thing_missing=float(any(each.where == "policy" for each in self.unmet)),
            value_missing=float(any(each.where == "subject" for each in self.unmet)),
            beside=max(wish.strength * wish.is_beside for wish in wishes),
            far=strongest.strength * strongest.distance,
            said=float(sum(map(self._facts.searcher.words.knows, self._query.words))),
            read=max(hit.parts["read"] for hit in self._hits if "read" in hit.parts),
        )

    def _is_met(self, kind: Expectation) -> bool:
        if kind.where == "policy":
            passages = self._facts.searcher.policy.passages
            return any(kind.is_stated_by(passage, self._question, self._facts.companies) for passage in passages)
        spoken = self._spoken if kind.within == "sentence" else self._around
        least = AS_MUCH * max(spoken.values())
        floor = max(self._near.values()) - REACH
        return any(
            spoken[each] >= least
            and self._near[each] >= floor
            and kind.is_stated_by(each.passage, self._question, self._facts.companies)
            for each in self._holding(kind)
        )

    def _wish(self, kind: Expectation, strength: float) -> Wish:
        holding = self._holding(kind)
        return Wish(
            kind,
            strength,
            is_beside=all(each.passage is not self._hits[0].passage for each in holding),
            distance=self._distance(holding),
        )

    def _holding(self, kind: Expectation) -> list[Statement]:
        return [each for each in self._near if self._facts.holds(kind, each)]

    def _distance(self, holding: Sequence[Statement]) -> float:
        if not holding:
            return NOWHERE
        most, nearest = max(self._spoken.values()), max(self._near.values())
        off = {each: (nearest - self._near[each]) / STEP + most - self._spoken[each] for each in self._near}
        return min(off[each] for each in holding) - min(off.values())
