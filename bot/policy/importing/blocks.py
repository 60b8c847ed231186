"""What a structured document is made of, before it is Markdown; every range counts in the document's text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bot.policy.importing.lines import Range

Cell = tuple[Range, ...]
Row = tuple[Cell, ...]


@dataclass(frozen=True)
class Piece:
    """A title, a heading (`level` from 2), a paragraph or a list item (`level` from 1)."""

    kind: Literal["title", "heading", "paragraph", "item"]
    start: int
    end: int
    level: int = 0


@dataclass(frozen=True)
class Table:
    """Rows of cells, each of lines; the first row is the header, empty when the table has none."""

    header: Row
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Definition:
    """A term, and the paragraphs and items under it."""

    term: Range
    body: tuple[Piece, ...]


@dataclass(frozen=True)
class Omission:
    """A range that is navigation or footer."""

    start: int
    end: int


Block = Piece | Table | Definition | Omission
