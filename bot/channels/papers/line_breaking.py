"""Breaks Japanese text into lines: anywhere but inside Latin words, and never so that a line begins with 「。」.

The rules are the common part of JIS X 4051 (行頭禁則・行末禁則): what may not begin a line takes the character before
it along, what may not end a line goes down with what follows.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator

_NOT_FIRST = "、。，．・：；？！）」』】〕］｝〉》”’ーっゃゅょッャュョ々,.:;?!)]}％"
_NOT_LAST = "（「『【〔［｛〈《“‘([{￥〒"
_PIECE = re.compile(
    rf"[{re.escape(_NOT_LAST)}]*(?:[!-~]+|\s+|[^!-~\s])[{re.escape(_NOT_FIRST)}]*", re.DOTALL
)  # an address, a receipt number or a word of Latin letters is one piece


def columns(text: str) -> int:
    """How many columns a text takes where a Latin letter takes one and a Japanese character two."""
    return sum(2 if unicodedata.east_asian_width(character) in "FWA" else 1 for character in text)


def lines_of(text: str, limit: float, width: Callable[[str], float] = columns) -> Iterator[str]:
    """The lines of a text, none wider than `limit` unless one unbreakable piece is wider by itself.

    Args:
        text: lines that it already has are kept.
        limit: the widest that a line may be, in the unit of `width`.
        width: measures a piece of text; columns of plain text when not given.
    """
    for paragraph in text.split("\n"):
        yield from _lines_of_paragraph(paragraph, limit, width)


def _lines_of_paragraph(paragraph: str, limit: float, width: Callable[[str], float]) -> Iterator[str]:
    line, used = "", 0.0
    for piece in _PIECE.findall(paragraph):
        wide = width(piece)
        if line.strip() and used + width(piece.rstrip()) > limit:
            yield line.rstrip()
            line, used = "", 0.0
            piece = piece.lstrip()  # noqa: PLW2901 - the space between two lines is the line break itself
            wide = width(piece)
        line, used = line + piece, used + wide
    yield line.rstrip()
