"""The second gate: does what was found state the kind of fact that is asked, of the thing that is asked about?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.policy.companies import Companies
from bot.policy.coverage import Coverage
from bot.policy.expectations import Expectation, asked, held_by, subject_of
from bot.policy.model import Passage, Sentence
from bot.policy.search import Hit, Query, Searcher
from bot.policy.statements import Statement, speaking_of

# Passages that are looked through for a fact.
LOOKED_AT = 8
# How much farther than the nearest sentence one that holds the fact may lie from the question.
REACH = 0.08


@dataclass(frozen=True)
class Facts:
    """What a policy states, ready to be asked for facts of a kind."""

    searcher: Searcher
    statements: Mapping[Sentence, Statement]
    companies: Companies

    def unmet(self, question: str, query: Query, hits: Sequence[Hit]) -> list[Expectation]:
        """The kinds of fact that a question asks for and the policy does not state.

        Args:
            question: what is asked.
            query: the same, as it was searched for, with its topic.
            hits: what was found, best first.
        """
        return [each for each in asked(question) if not self._is_met(each, question, query, hits[:LOOKED_AT])]

    def _is_met(self, expectation: Expectation, question: str, query: Query, hits: Sequence[Hit]) -> bool:
        if expectation.where == "policy":
            return any(
                expectation.is_stated_by(passage, question, self.companies) for passage in self.searcher.policy.passages
            )
        return any(
            expectation.is_stated_by(self.searcher.policy.passage(each.sentence.passage_id), question, self.companies)
            for each in self._holding(expectation, question, query, hits)
        )

    def _holding(
        self, expectation: Expectation, question: str, query: Query, hits: Sequence[Hit]
    ) -> Iterator[Statement]:
        """Statements that hold such a fact, speak of the subject as much as any, and lie near the question."""
        subject = self.searcher.query(subject_of(question), query.topic)
        coverage = Coverage.of(subject, self.searcher, (*subject.words, *subject.topic_words))
        near = {sentence: score for hit in hits for sentence, score in hit.near}
        found = [self.statements[sentence] for sentence in near]
        floor = max(near.values(), default=0.0) - REACH
        for statement in held_by(expectation, self._speaking(expectation, coverage, found), self.companies):
            if near[statement.sentence] >= floor:
                yield statement

    def _speaking(self, expectation: Expectation, subject: Coverage, found: Sequence[Statement]) -> Sequence[Statement]:
        if expectation.within == "sentence":
            return speaking_of(subject, [(each, each.context) for each in found])
        # The name of a company stands in one item of a list, what is done with it in another.
        passages = self.searcher.policy
        return speaking_of(subject, [(each, _whole(passages.passage(each.sentence.passage_id))) for each in found])


def _whole(passage: Passage) -> str:
    return f"{passage.heading} {passage.text}"
