"""Tables of plain text: rows parted by tabs or wide gaps, and tables that were flattened into running words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.policy.importing.blocks import Cell, Row, Table
from bot.policy.importing.lines import Line, Range, stripped
from bot.policy.importing.titles import folded, is_sentence

_GAP = re.compile(r"\t+|[ \u3000]{2,}")
_COLUMN = re.compile(
    r"(情報|データ|種類|種別|区分|項目|目的|内容|名称|期間|対象|者|先|業務|方法|理由|備考|手数料|費用|根拠|サービス)(等|など)?$"
)
_ANNOUNCED = re.compile(r"表(に|の|を|で|は|（)|次の(とお|通)り|以下の(とお|通)り|下記の(とお|通)り")
_PURPOSE = re.compile(r"ため[。)）]?$")
_AMENDS = re.compile(r"(なお|尚|ただし|但し|※|また)")
_NOTE = re.compile(r"\s*[（(].*[)）]\s*$", re.DOTALL)
_LONGEST_KEY = 40
_LONGEST_HEADER = 20
_FEWEST_FLAT = 4


def gapped_table(lines: Sequence[Line], text: str) -> tuple[Table, int] | None:
    """The table that begins with the first line, and how many lines it has; None when there is none."""
    rows: list[Row] = []
    for line in lines:
        row = _gapped_row(line, text)
        if len(row) < 2 or (rows and len(row) != len(rows[0])):  # noqa: PLR2004 - a row is at least a key and a value
            break
        rows.append(row)
    if len(rows) < 2 or any(is_sentence(_said(row[0], text)) for row in rows):  # noqa: PLR2004 - one row is a line
        return None
    has_header = len(rows) > 2 and _is_header(rows[0], text)  # noqa: PLR2004 - a header of one row is a row
    return Table(rows[0] if has_header else (), tuple(rows[has_header:])), len(rows)


def _gapped_row(line: Line, text: str) -> Row:
    if line.is_flat or line.hint:
        return ()
    cells: list[Cell] = []
    start = line.start
    for gap in _GAP.finditer(text, line.start, line.end):
        cells.append(((start, gap.start()),))
        start = gap.end()
    return (*cells, ((start, line.end),))


def _said(cell: Cell, text: str) -> str:
    return " ".join(text[start:end] for start, end in cell)


def _is_header(row: Row, text: str) -> bool:
    cells = [folded(_said(cell, text)) for cell in row]
    named = sum(_COLUMN.search(cell) is not None for cell in cells)
    return all(len(cell) <= _LONGEST_HEADER for cell in cells) and named * 2 >= len(cells) and "目的" not in cells[0]


def purpose_table(lines: Sequence[Line], text: str) -> tuple[Table, int] | None:
    """A flattened table whose cells end in …のため: each key is what stands between two such runs.

    Returns:
        The table that begins with the first line, and how many lines it has; None when the lines do not alternate
        so for at least two rows.
    """
    words = [text[line.start : line.end] for line in lines]
    begins = _header_length(words)
    place = begins
    rows: list[Row] = []
    while (end := _purpose_row_end(words, place)) > place:
        rows.append((_key_cell(lines[place], text), tuple((line.start, line.end) for line in lines[place + 1 : end])))
        place = end
    if len(rows) < 2:  # noqa: PLR2004 - one key with its list is a definition
        return None
    header: Row = tuple(((line.start, line.end),) for line in lines[:begins])
    return Table(header, tuple(rows)), place


def _header_length(words: Sequence[str]) -> int:
    """Two names of columns before the first key."""
    return 2 if len(words) > 2 and all(_is_column(name) for name in words[:2]) and not _is_purpose(words[2]) else 0  # noqa: PLR2004


def _is_column(words: str) -> bool:
    return len(words) <= _LONGEST_HEADER and _COLUMN.search(folded(words)) is not None and not _is_purpose(words)


def _is_purpose(words: str) -> bool:
    return _PURPOSE.search(words) is not None


def _purpose_row_end(words: Sequence[str], place: int) -> int:
    """Where the row ends that begins here: a key, then purposes and what amends them; `place` when it is no row."""
    if place + 1 >= len(words) or not _is_key(words[place]) or not _is_purpose(words[place + 1]):
        return place
    end = place + 1
    while end < len(words) and (_is_purpose(words[end]) or (is_sentence(words[end]) and _AMENDS.match(words[end]))):
        end += 1
    return end


def _is_key(words: str) -> bool:
    bare = _NOTE.sub("", words)
    return 0 < len(bare) <= _LONGEST_KEY and not _is_purpose(words) and not is_sentence(bare) and "、" not in bare


def _key_cell(line: Line, text: str) -> Cell:
    """A key; a note in brackets after it is a line of its own."""
    note = re.search(r"\s+[（(]", text[line.start : line.end])
    if note is None:
        return ((line.start, line.end),)
    cut = line.start + note.start()
    return stripped(text, line.start, cut), stripped(text, cut, line.end)


def announced_table(lines: Sequence[Line], text: str, lead_in: str) -> tuple[Table, int] | None:
    """A flattened table of two columns that the sentence before announces: names of columns, keys, values.

    Returns:
        The table that begins with the first line, and how many lines it has; None when keys and values do not
        alternate as they would in a table.
    """
    words = [text[line.start : line.end] for line in lines]
    end = next((place for place, said in enumerate(words) if is_sentence(said)), len(words))
    if end < _FEWEST_FLAT or end % 2 or not all(_is_column(name) for name in words[:2]):
        return None
    if not _ANNOUNCED.search(lead_in) or not _alternate(words[2:end]):
        return None
    cells: list[Range] = [(line.start, line.end) for line in lines[:end]]
    rows: list[Row] = [((key,), (value,)) for key, value in zip(cells[::2], cells[1::2], strict=True)]
    return Table(rows[0], tuple(rows[1:])), end


def _alternate(words: Sequence[str]) -> bool:
    """Whether every second one is short and plain, and the others say more."""
    keys, values = words[::2], words[1::2]
    if any("、" in key or len(key) > _LONGEST_HEADER for key in keys):
        return False
    return sum(map(len, values)) > sum(map(len, keys)) or sum("、" in value for value in values) * 2 >= len(values)
