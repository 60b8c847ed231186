"""What an answer's trace says about each question of its message: scores, gates, and what became of each passage."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal

from bot.message import Citation
from bot.policy.answer import Finding
from bot.policy.labels import chapter_of
from bot.policy.model import Passage
from bot.policy.search import Hit
from bot.policy.selection import LOOKED_AT, STILL_GOOD, Range

TRACED_HITS = 5
_TRACED_MATCHES = 3

Use = Literal["quoted", "related", "nearest", "offered", "passed"]
"""What became of a passage: quoted, shown as one that may answer too, shown beside an honest no, offered, not used."""

Why = Literal["", "shut", "card", "rank", "weak", "chapter", "nothing_new"]
"""Why a passage was not used: a gate was shut, a card or gap brought its own quotes, it came too far down, it scored
too low beside the best, it stands in another chapter, or it says nothing that the others leave open."""


def traced(finding: Finding, citations: Sequence[Citation], *, hits: int = TRACED_HITS) -> dict[str, Any]:
    """One question as JSON, without its words; `hits` bounds how many passages are told of.

    Args:
        finding: what was found and decided.
        citations: those of the message that was made of it.
        hits: the most passages.
    """
    verdict = finding.verdict
    return {
        "verdict": verdict.kind,
        "answerability": round(verdict.answerability, 4),
        "matter": round(verdict.matter, 4),
        "stated": round(verdict.stated, 4),
        "gates": list(verdict.reasons),
        "missing": list(verdict.missing),
        "known": [
            {"id": match.owner.id, "score": round(match.score, 3), "cosine": round(match.cosine, 3)}
            for match in finding.matches[:_TRACED_MATCHES]
        ],
        "hits": list(_hits(finding, citations, hits)),
    }


def _hits(finding: Finding, citations: Sequence[Citation], most: int) -> Iterator[dict[str, Any]]:
    for rank, hit in enumerate(finding.hits[:most]):
        use = _use(hit.passage, finding, citations)
        yield {
            "passage": hit.passage.id,
            "score": round(hit.score, 3),
            **{name: round(value, 3) for name, value in hit.parts.items()},
            "best": [hit.sentence.start, hit.sentence.end],
            "use": use,
            "why": _why(rank, hit, finding) if use == "passed" else "",
        }


def _use(passage: Passage, finding: Finding, citations: Sequence[Citation]) -> Use:
    if passage.section in {hit.passage.section for hit in finding.verdict.between}:
        return "offered"
    if not _touches(passage, [(citation.start, citation.end) for citation in citations]):
        return "passed"
    if finding.verdict.kind != "answer":
        return "nearest"
    is_related = _touches(passage, finding.selection.related) and not _touches(passage, finding.selection.ranges)
    return "related" if is_related else "quoted"


def _why(rank: int, hit: Hit, finding: Finding) -> Why:
    if finding.verdict.is_known:
        return "card"
    if finding.verdict.kind != "answer":
        return "shut"
    best = finding.hits[0]
    if rank >= LOOKED_AT:
        return "rank"
    if hit.score < STILL_GOOD * best.score:
        return "weak"
    return "chapter" if chapter_of(hit.passage.section) != chapter_of(best.passage.section) else "nothing_new"


def _touches(passage: Passage, ranges: Sequence[Range]) -> bool:
    return any(start < passage.end and passage.start < end for start, end in ranges)
