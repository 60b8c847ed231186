"""docs/quality.md, section by section: each is written by the command that stands under its heading."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum
from pathlib import Path

FILE = Path("docs/quality.md")
_HEAD = """\
# Quality

Every figure on this page was written here by the command under its heading, which measures it anew. Square brackets
hold 95 % intervals: Wilson's for shares (for MRR wider than need be), Hanley and McNeil's for the AUROC.
"""


class Section(StrEnum):
    """The sections, in their order on the page."""

    SETS = "Question sets"
    FINDING = "Finding, beside BM25 and plain vectors"
    ABLATION = "What each part adds"
    SPEED = "Search speed"


COMMANDS = {
    Section.SETS: "make eval",
    Section.FINDING: "make eval",
    Section.ABLATION: "make eval",
    Section.SPEED: "make bench-search",
}


def write_section(section: Section, body: str, *, file: Path = FILE) -> None:
    """Replaces one section and leaves the others as they are."""
    bodies = _bodies(file) | {section: f"Command: `{COMMANDS[section]}`\n\n{body.strip()}"}
    written = [f"## {each}\n\n{bodies[each]}\n" for each in Section if each in bodies]
    unfinished = file.with_suffix(".part")
    unfinished.write_text("\n".join([_HEAD, *written]), encoding="utf-8")
    unfinished.replace(file)


def markdown_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; the first column is text, the others are figures."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def text_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The same for a terminal."""
    widths = [max(len(line[column]) for line in (head, *rows)) for column in range(len(head))]
    return "\n".join(
        "  ".join([line[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(line[1:], widths[1:], strict=True))])
        for line in (head, *rows)
    )


def _bodies(file: Path) -> dict[Section, str]:
    if not file.is_file():
        return {}
    _, *pieces = re.split(r"^## ", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    split = [piece.partition("\n") for piece in pieces]
    return {Section(title.strip()): body.strip() for title, _, body in split}
