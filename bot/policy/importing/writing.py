"""Blocks of a document to the Markdown of the corpus."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot.policy.importing.blocks import Block, Cell, Definition, Omission, Piece, Row, Table
from bot.policy.importing.escaping import escaped, escaped_line
from bot.policy.markdown import LINE_BREAK

_INDENT = "  "


def markdown_of(blocks: Iterable[Block], text: str) -> str:
    """The body of the Markdown; what is omitted is said by the front matter only."""
    lines: list[str] = []
    previous: Block | None = None
    for block in blocks:
        if isinstance(block, Omission):
            continue
        if lines and not (_is_item(previous) and _is_item(block)):
            lines.append("")
        lines.extend(_written(block, text))
        previous = block
    return "\n".join(lines) + "\n"


def _is_item(block: Block | None) -> bool:
    return isinstance(block, Piece) and block.kind == "item"


def _written(block: Block, text: str) -> Iterator[str]:
    if isinstance(block, Table):
        yield from _table(block, text)
    elif isinstance(block, Definition):
        yield from _definition(block, text)
    elif isinstance(block, Piece):
        yield _piece(block, text)


def _piece(piece: Piece, text: str) -> str:
    words = text[piece.start : piece.end]
    if piece.kind == "item":
        return f"{_INDENT * (piece.level - 1)}- {escaped_line(words)}"
    if piece.kind == "paragraph":
        return escaped_line(words)
    return f"{'#' * piece.level} {escaped(words)}"


def _definition(definition: Definition, text: str) -> Iterator[str]:
    """The term, and under it one definition, each further line indented below its colon."""
    start, end = definition.term
    yield escaped_line(text[start:end])
    mark = ": "
    previous: Piece | None = None
    for piece in definition.body:
        if not (_is_item(previous) and _is_item(piece)):
            yield ""
        yield f"{mark}{_piece(piece, text)}"
        mark, previous = _INDENT, piece


def _table(table: Table, text: str) -> Iterator[str]:
    width = max(len(row) for row in (table.header, *table.rows))
    yield _row(table.header, text, width)
    yield f"|{' --- |' * width}"
    for row in table.rows:
        yield _row(row, text, width)


def _row(row: Row, text: str, width: int) -> str:
    cells: list[Cell] = [*row, *[()] * (width - len(row))]
    written = (LINE_BREAK.join(escaped(text[start:end]) for start, end in cell) for cell in cells)
    return f"| {' | '.join(written)} |"
