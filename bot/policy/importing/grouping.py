"""The text of a section to blocks: lists, tables, definitions and paragraphs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from bot.policy.importing.blocks import Block, Cell, Definition, Piece, Row, Table
from bot.policy.importing.doubts import Doubt, shown
from bot.policy.importing.lines import Line
from bot.policy.importing.lists import items_among
from bot.policy.importing.sections import Entry
from bot.policy.importing.tables import announced_table, gapped_table, purpose_table
from bot.policy.importing.titles import is_sentence, is_term

_NOTE = re.compile(r"[※＊*]")


class Grouping:
    """Turns runs of entries into blocks, and keeps what it guessed."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.doubts: list[Doubt] = []

    def blocks_of(self, entries: Sequence[Entry]) -> list[Block]:
        """The blocks of the text of one section; no entry may be a heading."""
        blocks: list[Block] = []
        place = 0
        while place < len(entries):
            found, used = self._next(entries[place:], blocks[-1] if blocks else None)
            blocks.extend(found)
            place += used
        return list(_stepwise(blocks))

    def _next(self, entries: Sequence[Entry], before: Block | None) -> tuple[list[Block], int]:
        """The blocks that begin with the first entry, and how many entries they hold."""
        first = entries[0]
        if first.path:
            return [Piece("item", first.line.start, first.line.end, first.level)], 1
        lines = [entry.line for entry in _until_numbered(entries)]
        if first.line.hint in {"header", "cell"}:
            return self._page_table(lines)
        if first.line.hint in {"term", "detail"}:
            return self._page_definition(lines)
        if first.line.hint == "item":
            return [Piece("item", first.line.start, first.line.end, max(first.line.level, 1))], 1
        return self._guessed(lines, before) or self._plain(lines, before)

    def _page_table(self, lines: Sequence[Line]) -> tuple[list[Block], int]:
        cells = [line for line in _same_table(lines) if line.hint in {"header", "cell"}]
        rows = [_row(list(row)) for _, row in groupby(cells, key=lambda line: line.row)]
        has_header = cells[0].hint == "header"
        body = rows[1:] if has_header else rows
        if not body:
            return [Table((), tuple(rows))], len(cells)
        return [Table(rows[0] if has_header else (), tuple(body))], len(cells)

    def _page_definition(self, lines: Sequence[Line]) -> tuple[list[Block], int]:
        """A term with what stands under it; what is too long for a passage, or has no term, is plain text."""
        first = lines[0]
        details = _leading(lines[1:], lambda line: line.hint == "detail" and line.table == first.table)
        if first.hint == "detail" or not details:
            return [Piece("paragraph", first.start, first.end)], 1
        body = tuple(_detail(line) for line in details)
        return [Definition((first.start, first.end), body)], 1 + len(details)

    def _guessed(self, lines: Sequence[Line], before: Block | None) -> tuple[list[Block], int] | None:
        plain = _leading(lines, lambda line: line.hint in {"", "paragraph"})
        table = gapped_table(plain, self._text)
        if table is None and plain[0].is_flat:
            table = purpose_table(plain, self._text) or announced_table(plain, self._text, self._lead_in(before))
        if table is not None:
            start = plain[0].start
            what = f"table guessed, {len(table[0].rows)} rows: {shown(self._text, start, plain[table[1] - 1].end)}"
            self.doubts.append(Doubt("table", what, start))
            return [table[0]], table[1]
        return self._term(plain)

    def _term(self, lines: Sequence[Line]) -> tuple[list[Block], int] | None:
        """A known term, and the short words under it up to the next term or sentence."""
        if not is_term(self._words(lines[0])):
            return None
        under = _leading(lines[1:], lambda line: not is_term(self._words(line)) and self._is_under_term(line))
        if not under or lines[0].is_flat != under[0].is_flat:
            return None
        body = tuple(
            Piece("paragraph" if _NOTE.match(self._words(line)) else "item", line.start, line.end, 1) for line in under
        )
        start, end = lines[0].start, lines[0].end
        self.doubts.append(Doubt("list", f"definition guessed: {shown(self._text, start, end)}", start))
        return [Definition((start, end), body)], 1 + len(under)

    def _is_under_term(self, line: Line) -> bool:
        words = self._words(line)
        return not is_sentence(words) or _NOTE.match(words) is not None

    def _plain(self, lines: Sequence[Line], before: Block | None) -> tuple[list[Block], int]:
        first = lines[0]
        plain = _leading(lines, lambda line: line.hint in {"", "paragraph"})
        used, is_guess = items_among(plain, self._text, self._lead_in(before)) if plain else (0, False)
        if is_guess:
            what = f"{used} list items guessed: {shown(self._text, first.start, first.end)}"
            self.doubts.append(Doubt("list", what, first.start))
        if used:
            return [Piece("item", line.start, line.end, 1) for line in lines[:used]], used
        return [Piece("paragraph", first.start, first.end)], 1

    def _lead_in(self, before: Block | None) -> str:
        if not isinstance(before, Piece) or before.kind != "paragraph":
            return ""
        return self._text[before.start : before.end]

    def _words(self, line: Line) -> str:
        return self._text[line.start : line.end]


def _until_numbered(entries: Sequence[Entry]) -> Iterator[Entry]:
    for entry in entries:
        if entry.path:
            return
        yield entry


def _leading(lines: Sequence[Line], holds: Callable[[Line], bool]) -> list[Line]:
    leading: list[Line] = []
    for line in lines:
        if not holds(line):
            break
        leading.append(line)
    return leading


def _same_table(lines: Sequence[Line]) -> list[Line]:
    return _leading(lines, lambda line: line.table == lines[0].table)


def _row(cells: Sequence[Line]) -> Row:
    """Cells by their columns; a column that a row leaves out is empty."""
    by_column: dict[int, Cell] = {
        column: tuple((line.start, line.end) for line in lines)
        for column, lines in groupby(cells, key=lambda line: line.column)
    }
    return tuple(by_column.get(column, ()) for column in range(max(by_column) + 1))


def _detail(line: Line) -> Piece:
    if line.level:
        return Piece("item", line.start, line.end, line.level)
    return Piece("paragraph", line.start, line.end)


def _stepwise(blocks: Iterable[Block]) -> Iterator[Block]:
    """The blocks, with no list item more than one level deeper than the one before it."""
    level = 0
    for block in blocks:
        if isinstance(block, Piece) and block.kind == "item":
            level = min(max(block.level, 1), level + 1)
            yield replace(block, level=level)
            continue
        level = 0
        yield replace(block, body=tuple(_pieces(block))) if isinstance(block, Definition) else block


def _pieces(definition: Definition) -> Iterator[Piece]:
    for piece in _stepwise(definition.body):
        if isinstance(piece, Piece):
            yield piece
