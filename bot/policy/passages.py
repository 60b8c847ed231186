"""Cuts a section's text into passages and sentences.

Groups (a paragraph, a lead-in with its list) are put together while they fit; a row or a definition keeps to itself.
What is longer than a passage is cut between sentences.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from bot.policy.alignment import Placed
from bot.policy.model import Passage, Sentence, SentenceRole
from bot.policy.sentences import split_sentences

PASSAGE_LIMIT = 450
_NOT_IN_PASSAGES = {"title", "heading", "header"}
_ROLES: dict[str, SentenceRole] = {"key": "key", "term": "key", "item": "item", "cell": "item"}


@dataclass(frozen=True)
class _Piece:
    """A sentence before its passage is known."""

    start: int
    end: int
    role: SentenceRole


def passages_of(nodes: Sequence[Placed], text: str, *, label: str, heading: str) -> tuple[Passage, ...]:
    """The passages of one section, in order; ids are "<label>/<n>", n from 1."""
    bundles = _bundles(nodes, text)
    return tuple(
        _passage(pieces, text, name=(f"{label}/{number}", label, f"{heading} {term}".strip()))
        for number, (pieces, term) in enumerate(bundles, start=1)
    )


def _bundles(nodes: Sequence[Placed], text: str) -> Iterator[tuple[list[_Piece], str]]:
    """The pieces of each passage, and the term when the passage is a definition."""
    waiting: list[_Piece] = []
    for _, members in groupby(nodes, key=lambda placed: placed.node.group):
        group = [placed for placed in members if placed.node.kind not in _NOT_IN_PASSAGES]
        pieces = [piece for placed in group for piece in _pieces(placed, text)]
        if not pieces:
            continue
        is_closed = group[0].node.closed
        if waiting and (is_closed or not _fits(waiting, pieces)):
            yield waiting, ""
            waiting = []
        term = _term(group, text)
        for piece in pieces:
            if waiting and not _fits(waiting, [piece]):
                yield waiting, term
                waiting = []
            waiting.append(piece)
        if is_closed:
            yield waiting, term
            waiting = []
    if waiting:
        yield waiting, ""


def _fits(waiting: list[_Piece], pieces: list[_Piece]) -> bool:
    return pieces[-1].end - waiting[0].start <= PASSAGE_LIMIT


def _term(group: Sequence[Placed], text: str) -> str:
    """What a definition defines; a row's key already stands in the name of its section."""
    first = group[0]
    return " ".join(text[first.start : first.end].split()) if first.node.kind == "term" else ""


def _pieces(placed: Placed, text: str) -> Iterator[_Piece]:
    role = _ROLES.get(placed.node.kind, "sentence")
    for start, end in split_sentences(text[placed.start : placed.end], limit=PASSAGE_LIMIT):
        yield _Piece(placed.start + start, placed.start + end, role)


def _passage(pieces: list[_Piece], text: str, *, name: tuple[str, str, str]) -> Passage:
    passage_id, section, heading = name
    start, end = pieces[0].start, pieces[-1].end
    sentences = tuple(
        Sentence(text[piece.start : piece.end], piece.start, piece.end, passage_id, piece.role) for piece in pieces
    )
    return Passage(passage_id, section, heading, text[start:end], start, end, sentences)
