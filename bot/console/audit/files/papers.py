"""A table as papers: in volumes, so that a hundred thousand rows take no more memory than one volume does."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from bot.channels.papers.papers import blank
from bot.clock import in_tokyo
from bot.console.audit.files.books import Asked, Book

ROWS_IN_A_VOLUME = 2000

_LANDSCAPE = (297.0, 210.0)
_MARGIN = 12.0


def volumes(book: Book, asked: Asked) -> Iterator[bytes]:
    """The papers of a table, each a PDF; an empty table is one paper that says so."""
    rows = ([str(cell) for cell in row] for row in book.rows())
    number = 1
    while True:
        taken = list(islice(rows, ROWS_IN_A_VOLUME))
        if not taken and number > 1:
            return
        yield _volume(book, asked, number, taken)
        if len(taken) < ROWS_IN_A_VOLUME:
            return
        number += 1


def _volume(book: Book, asked: Asked, number: int, rows: list[list[str]]) -> bytes:
    sheet = blank(f"{book.title} {number}", made_at=asked.made_at, size=_LANDSCAPE, margin=_MARGIN)
    sheet.title(book.title)
    made_at = f"{in_tokyo(asked.made_at):%Y-%m-%d %H:%M}"
    sheet.paragraph(
        f"{asked.company}　期間：{asked.first}から{asked.last}まで　作成：{made_at} {asked.made_by}　第{number}分冊",
        size=sheet.SMALL,
    )
    heads, widths = [column.title for column in book.columns], [column.width for column in book.columns]
    if rows:
        sheet.columns(heads, widths)
    else:
        sheet.paragraph("この期間に該当するものはありません。")
    for row in rows:
        sheet.columns(row, widths, heads=heads)
    return sheet.content()
