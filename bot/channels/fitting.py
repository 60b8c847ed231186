"""Makes text fit a platform's limits without ever cutting through what a reader sees as one character."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import regex

Measure = Callable[[str], int]

_GRAPHEME = regex.compile(r"\X")
_ELLIPSIS = "…"


def utf16_units(text: str) -> int:
    """Length as LINE counts texts: an emoji outside the Basic Multilingual Plane is two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def graphemes(text: str) -> list[str]:
    """The characters as a reader sees them: a flag, a family or a kanji with its variation selector is one."""
    found: list[str] = _GRAPHEME.findall(text)
    return found


def shorten(text: str, limit: int) -> str:
    """At most `limit` graphemes of `text`; the last one is an ellipsis when something had to go."""
    clusters = graphemes(text)
    return text if len(clusters) <= limit else "".join(clusters[: limit - 1]) + _ELLIPSIS


def cut(text: str, limit: int, *, measure: Measure = len) -> str:
    """The beginning of `text` that measures at most `limit`; it ends with an ellipsis when something had to go."""
    if measure(text) <= limit:
        return text
    return split(text, limit - measure(_ELLIPSIS), measure=measure)[0].rstrip() + _ELLIPSIS


def split(text: str, limit: int, *, measure: Measure = len) -> list[str]:
    """Cuts `text` into pieces of at most `limit`; joined again they are `text`.

    A piece ends after a line break where its second half has one, else between two graphemes. Only a grapheme that
    alone is too long (a letter under a tower of combining marks) is cut between code points.

    Args:
        text: what to cut.
        limit: the largest measure of a piece.
        measure: how the platform counts; it grows with each character.
    """
    pieces: list[str] = []
    piece = ""
    size = 0
    for cluster in _clusters(text, limit, measure):
        width = measure(cluster)
        if size + width > limit:
            kept, piece = _break_at_line(piece)
            pieces.append(kept)
            size = measure(piece)
        piece += cluster
        size += width
    return [*pieces, piece] if piece else pieces


def _clusters(text: str, limit: int, measure: Measure) -> Iterator[str]:
    for cluster in graphemes(text):
        yield from [cluster] if measure(cluster) <= limit else cluster


def _break_at_line(piece: str) -> tuple[str, str]:
    end = piece.rfind("\n", len(piece) // 2) + 1 or len(piece)
    return piece[:end], piece[end:]
