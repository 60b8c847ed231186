"""Puts an answer together: typed parts only, every quote a verbatim slice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.message import Citation, Message, MessageKind, Part, fixed
from bot.policy import texts
from bot.policy.cards import Card
from bot.policy.citations import quote_parts
from bot.policy.context import write_context
from bot.policy.gates import Verdict
from bot.policy.known import Match
from bot.policy.model import Passage, Policy
from bot.policy.phrases import BUILT_IN, Phrases
from bot.policy.search import Hit
from bot.policy.selection import Selection, nearest_range

Range = tuple[int, int]


@dataclass(frozen=True)
class Option:
    """One way on from a question that could mean several things.

    Attributes:
        title: the policy's own heading.
        question: what to ask `Assistant.answer_section` for when it is chosen: the label of a section.
    """

    title: str
    question: str


@dataclass(frozen=True)
class Answer:
    """What one message gets.

    Attributes:
        message: its kind is answer, not_in_policy, clarify or out_of_scope.
        context: ids for the next turn.
        trace: scores, gates and timings, for staff.
        hits: what was found for the first question, best first.
        options: what a clarifying question offers.
        findings: each question of the message with everything that was found; the trace tells of the first few only.
    """

    message: Message
    context: dict[str, Any]
    trace: dict[str, Any]
    hits: list[Hit] = field(repr=False)
    options: tuple[Option, ...] = ()
    findings: tuple[Finding, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Finding:
    """One question of a message with what was found and decided, and what would be quoted."""

    question: str
    hits: list[Hit]
    verdict: Verdict
    selection: Selection
    matches: tuple[Match, ...] = ()


def options_of(found: Sequence[Finding], kind: MessageKind) -> tuple[Option, ...]:
    """What a clarifying question offers: the sections that fit, best first; nothing for another kind of message."""
    if kind != "clarify":
        return ()
    titles = {hit.passage.section: hit.passage.heading for finding in found for hit in finding.verdict.between}
    return tuple(Option(title, label) for label, title in titles.items())


class Composer:
    """Writes one message from the findings; quotes no range twice."""

    def __init__(
        self, policy: Policy, base_url: str, *, phrases: Phrases = BUILT_IN, is_companion: bool = False
    ) -> None:
        self._policy = policy
        self._phrases = phrases
        self._base_url = base_url
        self._is_companion = is_companion
        self._parts: list[Part] = []
        self._citations: list[Citation] = []
        self._quoted: set[Range] = set()
        self._shown: list[Passage] = []
        self._known = ""

    def compose(self, findings: Sequence[Finding]) -> tuple[Message, dict[str, Any]]:
        """The message and the context of the next turn."""
        kinds = [finding.verdict.kind for finding in findings]
        kind = next(k for k in ("answer", "not_in_policy", "clarify", "out_of_scope") if k in kinds)
        for finding in findings:
            self._add(finding, partly=kind == "answer")
        return self._done(kind)

    def plainly(self, card: Card | None, ranges: Sequence[Range]) -> tuple[Message, dict[str, Any]]:
        """What was shown once more, in やさしい日本語 when a person approved such a text for it."""
        is_approved = card is not None and card.status == "approved"
        self._say(card.entry.easy if card is not None and is_approved else self._phrases.no_easy_text)
        self._known = card.id if card else ""
        self._quote(ranges)
        self._shown += [p for start, _ in ranges if (p := self._policy.passage_at(start))]
        return self._done("answer")

    def compose_section(self, passages: Sequence[Passage]) -> tuple[Message, dict[str, Any]]:
        """A whole section, as it was chosen from several."""
        self._say(self._phrases.answer)
        self._quote([(passage.start, passage.end) for passage in passages])
        self._shown += passages
        return self._done("answer")

    def _done(self, kind: MessageKind) -> tuple[Message, dict[str, Any]]:
        message = Message(kind=kind, parts=tuple(self._parts), citations=tuple(self._citations))
        return message, write_context(self._policy, self._shown, self._citations, known=self._known)

    def _add(self, finding: Finding, *, partly: bool) -> None:
        verdict = finding.verdict
        if verdict.kind == "answer":
            self._answer_finding(finding)
        elif verdict.kind == "not_in_policy":
            self._deny(finding, partly=partly)
        else:
            self._say(
                self._asking_back(verdict) if verdict.kind == "clarify" else self._phrases.out_of_scope(verdict.reply)
            )

    def _answer_finding(self, finding: Finding) -> None:
        verdict = finding.verdict
        if verdict.cards:
            self._speak(verdict.cards)
        else:
            lead = texts.UNCLEAR if verdict.is_unclear else self._phrases.answer
            self._answer(finding.selection.ranges, finding.selection.passages, lead)
            self._relate(finding.selection.related)
        if verdict.missing:
            self._say(texts.MISSING_ALSO)
            self._lack(verdict.missing)

    def _lack(self, labels: Sequence[str]) -> None:
        """Names what is asked for and not stated."""
        for label in labels:
            self._say(f"・{label}")

    def _asking_back(self, verdict: Verdict) -> str:
        return self._phrases.clarify_which if verdict.between else self._phrases.clarify

    def _speak(self, cards: Sequence[Card]) -> None:
        """A card says its sentence only when a person approved it for this version; its quotes speak in any case."""
        self._known = self._known or cards[0].id
        for card in cards:
            if card.status == "approved":
                self._say(card.entry.text)
        ranges = [place for card in cards for place in card.ranges]
        passages = (self._policy.passage_at(start) for start, _ in ranges)
        self._answer(ranges, [passage for passage in passages if passage is not None])

    def _answer(self, ranges: Sequence[Range], passages: Sequence[Passage], lead: str = "") -> None:
        self._shown += dict.fromkeys(passages)
        if not self._quoted.issuperset(ranges):
            self._say(texts.COMPANION if self._is_companion else lead or self._phrases.answer)
            self._quote(ranges)

    def _relate(self, ranges: Sequence[Range]) -> None:
        if not self._quoted.issuperset(ranges):
            self._say(self._phrases.related)
            self._quote(ranges)

    def _deny(self, finding: Finding, *, partly: bool) -> None:
        missing = finding.verdict.missing
        self._say(texts.MISSING_ALSO if partly and missing else texts.NOT_IN_POLICY)
        self._lack(missing)
        nearest = self._nearest(finding)
        if not partly and nearest and not self._quoted.issuperset(nearest):
            self._say(self._phrases.nearest)
            self._quote(nearest)
            self._shown += [p for start, _ in nearest if (p := self._policy.passage_at(start))]

    def _nearest(self, finding: Finding) -> list[Range]:
        gap = finding.verdict.gap
        if gap is None:
            return nearest_range(finding.hits[0])
        self._known = self._known or gap.id
        return [gap.nearest] if gap.nearest else []

    def _say(self, text: str) -> None:
        # The same lead twice in one message reads like an error.
        if not any(part.text == text for part in self._parts):
            self._parts.append(fixed(text))

    def _quote(self, ranges: Sequence[Range]) -> None:
        fresh = [place for place in dict.fromkeys(ranges) if place not in self._quoted]
        parts, citations = quote_parts(self._policy, fresh, base_url=self._base_url, first=len(self._citations))
        self._parts += parts
        self._citations += map(self._named, citations)
        self._quoted.update(fresh)

    def _named(self, citation: Citation) -> Citation:
        """A quote of a companion is cited by the document's own name."""
        if not self._is_companion:
            return citation
        return citation.model_copy(update={"heading": f"{self._policy.title} {citation.heading}"})
