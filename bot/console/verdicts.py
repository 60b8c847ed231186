"""An answer laid open for staff: what was found, and how it passed the two gates."""

from __future__ import annotations

from dataclasses import dataclass

from bot.policy import gates
from bot.policy.answer import Answer
from bot.policy.search import Hit

_VERDICTS = {
    "answer": "方針の言葉で答える",
    "not_in_policy": "方針に書かれていない",
    "clarify": "聞き返す",
    "out_of_scope": "対象外",
}


@dataclass(frozen=True)
class Candidate:
    """A passage that search found, with its best sentence apart and whether the answer quotes from it."""

    hit: Hit
    before: str
    best: str
    after: str
    is_quoted: bool


@dataclass(frozen=True)
class Measure:
    """One likelihood, and the one below which a gate closes."""

    name: str
    value: float
    threshold: float


@dataclass(frozen=True)
class Verdict:
    """What was decided about one question of the message."""

    title: str
    is_off_topic: bool
    is_unstated: bool
    reasons: list[str]


def candidates(answer: Answer) -> list[Candidate]:
    """The answer's hits as the page shows them."""
    return [_candidate(hit, answer) for hit in answer.hits]


def score_names(answer: Answer) -> list[str]:
    """The partial scores that occur, in the order search gives them."""
    return list(dict.fromkeys(name for hit in answer.hits for name in hit.parts))


def verdicts(answer: Answer) -> list[Verdict]:
    """One for each question that the message was taken to hold."""
    return [
        Verdict(
            title=_VERDICTS[question["verdict"]],
            is_off_topic=question["verdict"] == "out_of_scope",
            is_unstated=question["verdict"] == "not_in_policy",
            reasons=question["gates"],
        )
        for question in answer.trace["questions"]
    ]


def measures(answer: Answer) -> list[Measure]:
    """The likelihoods of the first question, beside those below which its gates close."""
    first = answer.trace["questions"][0]
    return [
        Measure("方針の話題である見込み", first["matter"], gates.OFF_TOPIC),
        Measure("書かれている見込み", first["stated"], gates.STATED),
    ]


def _candidate(hit: Hit, answer: Answer) -> Candidate:
    passage, sentence = hit.passage, hit.sentence
    start, end = sentence.start - passage.start, sentence.end - passage.start
    quoted = ((citation.start, citation.end) for citation in answer.message.citations)
    return Candidate(
        hit=hit,
        before=passage.text[:start],
        best=passage.text[start:end],
        after=passage.text[end:],
        is_quoted=any(start < passage.end and passage.start < end for start, end in quoted),
    )
