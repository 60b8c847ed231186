"""Draws Japanese paper: headings, paragraphs and ruled rows on A4, with the used part of one font inside the file.

The font is Noto Sans JP (SIL OFL 1.1) as a package of the registry carries it. The file is PDF/A-2u and says that it
is Japanese, so that a screen reader speaks it and it still reads the same in ten years.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, cast

from fpdf import FPDF
from fpdf.enums import DocumentCompliance
from fpdf.fonts import TTFFont
from pylopdf_fonts_cjk import sans_path

from bot.channels.papers.line_breaking import lines_of

BODY, SMALL, TABLE, TITLE = 10.5, 9.0, 7.5, 17.0

_FONT = "noto-sans-jp"
_A4 = (210.0, 297.0)
_MARGIN = 20.0
_FOOT = 14.0
_LEADING = 0.62
_PADDING = 2.0
_LABEL_WIDTH = 48.0
_MOST_KNOWN = 5000
# Printers' own sign for a character that their case lacks: somebody will see it and write the character by hand.
_GETA = "〓"


class _Pages(FPDF):
    """Pages that say at the foot which paper they belong to, so that a lost one finds back."""

    def footer(self) -> None:
        self.set_xy(self.l_margin, self.h - _FOOT)
        self.set_font_size(SMALL)
        self.cell(self.epw, SMALL * _LEADING, f"{self.title}（{self.page_no()}ページ）", align="R")


class Sheet:
    """Pages of one paper, filled from top to bottom; lengths are millimetres, sizes of letters points.

    Args:
        title: what readers show as the document's name, and the foot of each page; nothing personal.
        made_at: the moment that the file carries as its own.
        size: width and height of a page.
        margin: free space on every side.
        has_foot: whether pages are numbered.
    """

    SMALL: ClassVar[float] = SMALL
    """The size of what is said by the way."""

    def __init__(
        self,
        title: str,
        *,
        made_at: datetime,
        size: tuple[float, float] = _A4,
        margin: float = _MARGIN,
        has_foot: bool = True,
    ) -> None:
        self._known_cells: dict[tuple[str, float], list[str]] = {}
        self._pdf = (_Pages if has_foot else FPDF)(format=size, enforce_compliance=DocumentCompliance.PDFA_2U)
        self._pdf.set_margin(margin)
        self._pdf.c_margin = 0
        self._pdf.set_auto_page_break(auto=False)
        self._pdf.add_font(_FONT, fname=sans_path())
        self._pdf.set_font(_FONT, size=BODY)
        self._pdf.set_lang("ja")
        self._pdf.set_title(title)
        self._pdf.set_creation_date(made_at)
        self._pdf.add_page()

    def title(self, text: str) -> None:
        """The paper's name, in the middle of its line."""
        self._block(text, size=TITLE, align="C")
        self.gap(4)

    def heading(self, text: str) -> None:
        """The name of a part."""
        self.gap(4)
        self._block(text, size=BODY + 1.5)
        self.gap(1)

    def paragraph(self, text: str, *, size: float = BODY) -> None:
        """Running text over the whole width."""
        self._block(text, size=size)
        self.gap(1.5)

    def row(self, label: str, text: str = "", *, height: float = 0) -> None:
        """A ruled row: what it is, and what it says or room to write it in, at least `height` high."""
        left = self._lines(label, _LABEL_WIDTH - 2 * _PADDING, SMALL)
        right = self._lines(text, self._pdf.epw - _LABEL_WIDTH - 2 * _PADDING, BODY)
        self._ruled(left, right[: self._most_lines], height)
        for start in range(self._most_lines, len(right), self._most_lines):
            self._ruled([], right[start : start + self._most_lines], 0)

    def columns(self, texts: Sequence[str], widths: Sequence[float], *, heads: Sequence[str] = ()) -> None:
        """A ruled row of a table, in small letters; where it begins a page, the heads stand above it again.

        Args:
            texts: one for each column; what does not fit goes on in a further line.
            widths: of the columns; together at most the width of the page without its margins.
            heads: the names of the columns.
        """
        cells = [self._cell_lines(text, width) for text, width in zip(texts, widths, strict=True)]
        tall = max(len(lines) for lines in cells) * TABLE * _LEADING + _PADDING
        if self._pdf.y + tall > self._bottom:
            self._pdf.add_page()
            if heads:
                self.columns(heads, widths)
        x, y = self._pdf.l_margin, self._pdf.y
        self._pdf.set_font_size(TABLE)
        for lines, width in zip(cells, widths, strict=True):
            self._pdf.rect(x, y, width, tall)
            for number, line in enumerate(lines):
                self._pdf.text(x + _PADDING / 2, y + _PADDING / 2 + (number + 0.8) * TABLE * _LEADING, line)
            x += width
        self._pdf.set_xy(self._pdf.l_margin, y + tall)

    def gap(self, height: float) -> None:
        """Free space."""
        self._pdf.set_xy(self._pdf.l_margin, self._pdf.y + height)

    def fits(self, text: str, *, size: float) -> bool:
        """Whether a paragraph of this size would end on the page."""
        lines = self._lines(text, self._pdf.epw, size)
        widest = max(self._pdf.get_string_width(line) for line in lines)
        return widest <= self._pdf.epw and self._pdf.y + len(lines) * size * _LEADING <= self._bottom

    def content(self) -> bytes:
        """The finished file."""
        return bytes(self._pdf.output())

    @property
    def _bottom(self) -> float:
        return self._pdf.h - self._pdf.b_margin

    @property
    def _most_lines(self) -> int:
        return int((self._bottom - self._pdf.t_margin - 2 * _PADDING) / (BODY * _LEADING))

    def _ruled(self, left: list[str], right: list[str], height: float) -> None:
        width = self._pdf.epw - _LABEL_WIDTH
        tall = max(len(left) * SMALL * _LEADING, len(right) * BODY * _LEADING) + 2 * _PADDING
        tall = max(tall, height)
        self._make_room(tall)
        x, y = self._pdf.l_margin, self._pdf.y
        self._pdf.rect(x, y, _LABEL_WIDTH, tall)
        self._pdf.rect(x + _LABEL_WIDTH, y, width, tall)
        self._write(left, x + _PADDING, y + _PADDING, SMALL)
        self._write(right, x + _LABEL_WIDTH + _PADDING, y + _PADDING, BODY)
        self._pdf.set_xy(x, y + tall)

    def _block(self, text: str, *, size: float, align: str = "L") -> None:
        for line in self._lines(text, self._pdf.epw, size):
            self._make_room(size * _LEADING)
            self._pdf.set_font_size(size)
            self._pdf.cell(self._pdf.epw, size * _LEADING, line or " ", align=align)
            self.gap(size * _LEADING)

    def _lines(self, text: str, width: float, size: float) -> list[str]:
        self._pdf.set_font_size(size)
        return list(lines_of(self._printable(text), width, self._pdf.get_string_width))

    def _cell_lines(self, text: str, width: float) -> list[str]:
        # Most cells of a table repeat: days, states, kinds.
        key = (text, width)
        if key not in self._known_cells:
            if len(self._known_cells) >= _MOST_KNOWN:
                self._known_cells.clear()
            self._known_cells[key] = self._lines(text, width - _PADDING, TABLE)
        return self._known_cells[key]

    def _write(self, lines: list[str], x: float, y: float, size: float) -> None:
        self._pdf.set_font_size(size)
        for number, line in enumerate(lines):
            self._pdf.set_xy(x, y + number * size * _LEADING)
            self._pdf.cell(text=line or " ", h=size * _LEADING)

    def _make_room(self, height: float) -> None:
        if self._pdf.y + height > self._bottom:
            self._pdf.add_page()

    def _printable(self, text: str) -> str:
        # The library names characters that the font lacks in a log line, and an address may be among them.
        known = cast(TTFFont, self._pdf.fonts[_FONT]).cmap
        composed = unicodedata.normalize("NFC", text)
        kept = (c for c in composed if c == "\n" or unicodedata.category(c) not in ("Cc", "Cf", "Mn"))
        return "".join(c if c == "\n" or ord(c) in known else _GETA for c in kept)
