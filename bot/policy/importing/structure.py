"""The blocks of a document: everything of its text in exactly one of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bot.policy.importing.blocks import Block, Omission, Piece
from bot.policy.importing.doubts import Doubt
from bot.policy.importing.grouping import Grouping
from bot.policy.importing.lines import Document, Line, stripped
from bot.policy.importing.preparing import Prepared, prepare
from bot.policy.importing.sections import Entry, outline_of

_UNTITLED = "プライバシーポリシー"
_TEXTLESS = {"title", "heading"}


@dataclass(frozen=True)
class Structure:
    """Title and blocks of a document, in the order of its text, and what is doubtful about them."""

    title: str
    blocks: tuple[Block, ...]
    doubts: tuple[Doubt, ...]


def structure_of(document: Document) -> Structure:
    """Reads the structure of a document from its lines."""
    text = document.text
    prepared = prepare(document)
    breaks = _breaks(prepared)
    outline = outline_of(prepared.lines, text, prepared.title, breaks)
    grouping = Grouping(text)
    blocks = [block for part in _parts(outline.entries) for block in _written(part, text, grouping)]
    omitted = [Omission(start, end) for start, end in prepared.omitted]
    doubts = [*prepared.doubts, *outline.doubts, *grouping.doubts]
    return Structure(
        _title_words(prepared, text),
        (*_with_text(blocks), *omitted),
        tuple(sorted(doubts, key=lambda doubt: -1 if doubt.start is None else doubt.start)),
    )


def _breaks(prepared: Prepared) -> set[int]:
    """Starts of the lines that follow something left out."""
    return {
        next((line.start for line in prepared.lines if line.start >= end), -1)
        for start, end in prepared.omitted
        if end - start > 0
    }


def _title_words(prepared: Prepared, text: str) -> str:
    if prepared.title is None:
        return _UNTITLED
    line = prepared.lines[prepared.title]
    return " ".join(text[line.start : line.end].split())


def _parts(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    """The entries by section: a heading and the text below it."""
    part: list[Entry] = []
    for entry in entries:
        if (entry.is_section or entry.style == "title") and part:
            yield part
            part = []
        part.append(entry)
    if part:
        yield part


def _written(part: Sequence[Entry], text: str, grouping: Grouping) -> Iterator[Block]:
    first, rest = part[0], list(part[1:])
    if first.style == "title":
        yield Piece("title", first.line.start, first.line.end, 1)
    elif first.is_section:
        start, end = _heading_range(first, text)
        yield Piece("heading", start, end, first.level)
        below = _below_heading(first, text, end)
        rest = [*([below] if below else []), *rest]
    else:
        rest = list(part)
    yield from grouping.blocks_of(rest)


def _heading_range(entry: Entry, text: str) -> tuple[int, int]:
    """The number and its words; the number alone when a sentence follows it."""
    return stripped(text, entry.line.start, max(entry.title_end, entry.body))


def _below_heading(entry: Entry, text: str, end: int) -> Entry | None:
    """What stands on the line of a heading after it."""
    start, end = stripped(text, end, entry.line.end)
    if start >= end:
        return None
    line: Line = replace(entry.line, start=start, end=end, hint="")
    return Entry(line)


def _with_text(blocks: Sequence[Block]) -> list[Block]:
    """The blocks; a document of headings alone has its last one as text, since headings answer nothing."""
    if not blocks or any(not isinstance(block, Piece) or block.kind not in _TEXTLESS for block in blocks):
        return list(blocks)
    last = blocks[-1]
    return [*blocks[:-1], *([replace(last, kind="paragraph")] if isinstance(last, Piece) else [])]
