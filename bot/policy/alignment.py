"""Places every text node of the Markdown at its range in the source, and proves that nothing is left out.

White space is free on both sides (a page flattened to one line and its Markdown differ in nothing else); every other
character must be the same code point. The source may hold, between two nodes, nothing but white space and the
ranges that the front matter declares to be no part of the policy. So there is never a choice where a node stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.policy.faults import FrontMatterIsWrongError, TextDiffersFromSourceError
from bot.policy.markdown import Node

_SHOWN = 24
Range = tuple[int, int]


@dataclass(frozen=True)
class Placed:
    """A node and the range of the source that is its text."""

    node: Node
    start: int
    end: int


def match_at(text: str, wanted: str, start: int) -> int | None:
    """Where `wanted` ends when the source says it at `start`, white space aside; None when it does not."""
    agreed, end = _agree(text, wanted, start)
    return end if agreed == len(wanted) else None


def _agree(text: str, wanted: str, start: int) -> Range:
    """How far both say the same: the place in `wanted` and the place in the source where they part."""
    position = start
    for place, character in enumerate(wanted):
        if character.isspace():
            continue
        following = position
        while following < len(text) and text[following].isspace():
            following += 1
        if following >= len(text) or text[following] != character:
            return place, following
        position = following + 1
    return len(wanted), position


def find_omitted(text: str, words: Sequence[tuple[str, str]], path: Path) -> tuple[Range, ...]:
    """The ranges that begin and end with the given words, one after the other.

    Raises:
        FrontMatterIsWrongError: the source does not say such words in this order.
    """
    ranges: list[Range] = []
    position = 0
    for first, last in words:
        start, after_first = _find(text, first, position, path)
        # A short range may begin and end with the same words.
        _, position = _find(text, last, start, path, beyond=after_first)
        ranges.append((start, position))
    return tuple(ranges)


def _find(text: str, words: str, start: int, path: Path, *, beyond: int = 0) -> Range:
    """The first range from `start` on that says the words and ends at `beyond` or after it."""
    for position in range(start, len(text)):
        if text[position] != words[0]:
            continue
        end = match_at(text, words, position)
        if end is not None and end >= beyond:
            return position, end
    raise FrontMatterIsWrongError(path, f"the source does not say 「{words}」 there", field="omitted")


def align(text: str, nodes: Sequence[Node], omitted: Sequence[Range], path: Path) -> tuple[Placed, ...]:
    """Every node at its range, in order.

    Args:
        text: the source.
        nodes: text nodes of the Markdown.
        omitted: ranges of the source that are no part of the policy.
        path: the Markdown file, named in errors.

    Raises:
        TextDiffersFromSourceError: a node does not stand where the one before it ends, or text of the source is in
            no node.
    """
    return tuple(_place(text, nodes, omitted, path))


def _place(text: str, nodes: Sequence[Node], omitted: Sequence[Range], path: Path) -> Iterator[Placed]:
    position = _next_text(text, omitted, 0)
    for node in nodes:
        agreed, end = _agree(text, node.text, position)
        if agreed < len(node.text):
            line = node.line + node.text.count("\n", 0, agreed)
            raise TextDiffersFromSourceError(path, line, markdown=_shown(node.text, agreed), source=_shown(text, end))
        yield Placed(node, position, end)
        position = _next_text(text, omitted, end)
    if position < len(text):
        line = nodes[-1].line if nodes else 1
        raise TextDiffersFromSourceError(path, line, markdown="", source=_shown(text, position))


def _shown(text: str, position: int) -> str:
    """What stands there, on one line."""
    return " ".join(text[position : position + _SHOWN].split())


def _next_text(text: str, omitted: Sequence[Range], position: int) -> int:
    """The next position that is neither white space nor omitted."""
    ends = dict(omitted)
    while position < len(text):
        if position in ends:
            position = ends[position]
        elif text[position].isspace():
            position += 1
        else:
            break
    return position
