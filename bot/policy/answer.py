"""Puts an answer together: typed parts only, every quote a verbatim slice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.message import Citation, Message, Part, fixed
from bot.policy import texts
from bot.policy.citations import quote_parts
from bot.policy.context import write_context
from bot.policy.gates import Verdict
from bot.policy.model import Passage, Policy
from bot.policy.search import Hit
from bot.policy.selection import choose, nearest_range, overview, ranges_of

Range = tuple[int, int]


@dataclass(frozen=True)
class Answer:
    """What one message gets.

    Attributes:
        message: its kind is answer, not_in_policy, clarify or out_of_scope.
        context: ids for the next turn.
        trace: scores, gates and timings, for staff.
        hits: what was found for the first question, best first.
    """

    message: Message
    context: dict[str, Any]
    trace: dict[str, Any]
    hits: list[Hit] = field(repr=False)


@dataclass(frozen=True)
class Finding:
    """One question of a message with what was found and decided."""

    question: str
    hits: list[Hit]
    verdict: Verdict


class Composer:
    """Writes one message from the findings; quotes no range twice."""

    def __init__(self, policy: Policy, base_url: str) -> None:
        self._policy = policy
        self._base_url = base_url
        self._parts: list[Part] = []
        self._citations: list[Citation] = []
        self._quoted: set[Range] = set()
        self._shown: list[Passage] = []

    def compose(self, findings: Sequence[Finding]) -> tuple[Message, dict[str, Any]]:
        """The message and the context of the next turn."""
        kinds = [finding.verdict.kind for finding in findings]
        kind = next(k for k in ("answer", "not_in_policy", "clarify", "out_of_scope") if k in kinds)
        for finding in findings:
            self._add(finding, partly=kind == "answer")
        message = Message(kind=kind, parts=tuple(self._parts), citations=tuple(self._citations))
        return message, write_context(self._policy, self._shown)

    def _add(self, finding: Finding, *, partly: bool) -> None:
        verdict = finding.verdict
        if verdict.kind == "answer":
            self._answer(finding)
        elif verdict.kind == "not_in_policy":
            self._deny(finding, partly=partly)
        else:
            self._say(texts.CLARIFY if verdict.kind == "clarify" else texts.OUT_OF_SCOPE[verdict.reply])

    def _answer(self, finding: Finding) -> None:
        headings = overview(finding.question, finding.hits, self._policy)
        if headings:
            self._say(texts.ANSWER)
            self._quote(headings)
            self._shown.append(finding.hits[0].passage)
            return
        ranges: list[Range] = []
        for hit in choose(finding.hits):
            ranges += ranges_of(finding.question, hit)
            self._shown.append(hit.passage)
        if not self._quoted.issuperset(ranges):
            self._say(texts.ANSWER)
            self._quote(ranges)

    def _deny(self, finding: Finding, *, partly: bool) -> None:
        missing = finding.verdict.missing
        self._say(texts.MISSING_ALSO if partly and missing else texts.NOT_IN_POLICY)
        for expectation in missing:
            self._say(f"・{expectation.label}")
        nearest = nearest_range(finding.hits[0])
        if not partly and not self._quoted.issuperset(nearest):
            self._say(texts.NEAREST)
            self._quote(nearest)
            self._shown.append(finding.hits[0].passage)

    def _say(self, text: str) -> None:
        # The same lead twice in one message reads like an error.
        if not any(part.text == text for part in self._parts):
            self._parts.append(fixed(text))

    def _quote(self, ranges: Sequence[Range]) -> None:
        fresh = [place for place in dict.fromkeys(ranges) if place not in self._quoted]
        parts, citations = quote_parts(self._policy, fresh, base_url=self._base_url, first=len(self._citations))
        self._parts += parts
        self._citations += citations
        self._quoted.update(fresh)
