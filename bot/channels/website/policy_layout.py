"""A policy laid out for reading: headings, paragraphs, lists, definitions and tables, cut where a highlight ends.

Every character shown is a slice of the source text; nothing is written between the slices.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Literal

from bot.policy.model import Block, Policy

Range = tuple[int, int]
UnitKind = Literal["title", "heading", "paragraph", "list", "definitions", "table"]

_MARK = re.compile(r"([0-9]{1,9})-([0-9]{1,9})")
_TABLE_ROW = {"header", "key", "cell"}
_LONE_KINDS: dict[str, UnitKind] = {"title": "title", "heading": "heading"}


@dataclass(frozen=True)
class Run:
    """A slice of the source that is highlighted as a whole or not at all; the page scrolls to the first that is."""

    text: str
    is_marked: bool = False
    is_first: bool = False


@dataclass(frozen=True)
class Line:
    """The runs of one block; `anchor` is the label of the section that begins here, else empty."""

    kind: str
    level: int
    runs: tuple[Run, ...]
    anchor: str = ""


@dataclass(frozen=True)
class Row:
    """One row of a table: a list of lines for every column."""

    is_header: bool
    columns: tuple[tuple[Line, ...], ...]
    anchor: str = ""


@dataclass
class Unit:
    """What a page draws as one element: its lines, or its rows when it is a table."""

    kind: UnitKind
    lines: list[Line] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)


def read_marks(values: Sequence[str], length: int) -> list[Range]:
    """The ranges that a link asks to highlight, in order and apart; what is no range of the text is left out."""
    found = (_MARK.fullmatch(value) for value in values)
    ranges = sorted((int(match[1]), int(match[2])) for match in found if match)
    merged: list[Range] = []
    for start, end in ranges:
        if not start < end <= length:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def lay_out(policy: Policy, marks: Sequence[Range]) -> list[Unit]:
    """The whole policy as units in reading order."""
    writer = _Writer(policy, marks)
    units: list[Unit] = []
    for _, members in groupby(policy.blocks, key=lambda block: block.group):
        for unit in writer.units(list(members)):
            if units and unit.kind == units[-1].kind and unit.kind in {"table", "definitions"}:
                units[-1].lines += unit.lines
                units[-1].rows += unit.rows
            else:
                units.append(unit)
    return units


class _Writer:
    """Makes lines of blocks, and remembers which anchors stand already and whether the first highlight has passed."""

    def __init__(self, policy: Policy, marks: Sequence[Range]) -> None:
        self._text = policy.text
        self._marks = marks
        self._anchored = {""}
        self._is_first = True

    def units(self, group: list[Block]) -> Iterator[Unit]:
        """The units of the blocks that the policy's Markdown keeps together."""
        if group[0].kind in _TABLE_ROW:
            yield Unit("table", rows=[self._row(group)])
        elif group[0].kind == "term":
            yield Unit("definitions", lines=[self._line(block) for block in group])
        else:
            for kind, blocks in groupby(group, key=lambda block: block.kind):
                lines = [self._line(block) for block in blocks]
                if kind == "item":
                    yield Unit("list", lines=lines)
                else:
                    yield from (Unit(_LONE_KINDS.get(kind, "paragraph"), lines=[line]) for line in lines)

    def _row(self, group: list[Block]) -> Row:
        anchor = self._anchor(group[0])
        columns = tuple(
            tuple(self._line(block) for block in cells) for _, cells in groupby(group, key=lambda block: block.column)
        )
        return Row(group[0].kind == "header", columns, anchor)

    def _line(self, block: Block) -> Line:
        return Line(block.kind, block.level, tuple(self._runs(block.start, block.end)), self._anchor(block))

    def _anchor(self, block: Block) -> str:
        if block.section in self._anchored:
            return ""
        self._anchored.add(block.section)
        return block.section

    def _runs(self, start: int, end: int) -> Iterator[Run]:
        position = start
        for mark_start, mark_end in self._marks:
            first, last = max(mark_start, position), min(mark_end, end)
            if first >= last:
                continue
            if position < first:
                yield Run(self._text[position:first])
            yield Run(self._text[first:last], is_marked=True, is_first=self._is_first)
            self._is_first = False
            position = last
        if position < end:
            yield Run(self._text[position:end])
