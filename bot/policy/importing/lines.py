"""The lines of a document: ranges of its text, with what the file itself says about them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Range = tuple[int, int]
Hint = Literal["", "heading", "paragraph", "item", "term", "detail", "header", "cell"]


@dataclass(frozen=True)
class Line:
    """One line without the white space around it.

    `hint` is what the markup of a page calls it; plain text calls it nothing. `level` is that of a heading, or the
    depth of a list item. Lines of one table cell share `table`, `row` and `column`. `is_frame` says that the page
    marks it as navigation or footer. `is_flat` lines are cut out of a longer one by this importer.
    """

    start: int
    end: int
    hint: Hint = ""
    level: int = 0
    table: int = 0
    row: int = 0
    column: int = 0
    is_frame: bool = False
    is_flat: bool = False


@dataclass(frozen=True)
class Document:
    """A text and its lines in order; between two lines stands nothing but white space.

    `original_suffix` names the kind of a file that is not this text itself, and is kept beside it. `notes` tell what
    the reader left away before it was text of the document.
    """

    text: str
    lines: tuple[Line, ...]
    original_suffix: str = ""
    notes: tuple[str, ...] = ()


def stripped(text: str, start: int, end: int) -> Range:
    """The range without the white space around it; empty when there is nothing else."""
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end


def split_lines(text: str) -> Iterator[Range]:
    """Ranges of the lines that hold more than white space."""
    position = 0
    for line in text.splitlines(keepends=True):
        start, end = stripped(text, position, position + len(line))
        if start < end:
            yield start, end
        position += len(line)
