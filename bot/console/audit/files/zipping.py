"""All tables in one ZIP, in pieces as they are made: nothing of it is ever whole in memory or on the disk."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Generator, Iterator, Sequence

from bot.clock import in_tokyo
from bot.console.audit.files.books import Asked, Book, Cells
from bot.console.audit.files.papers import volumes
from bot.console.audit.spreadsheet import BYTE_ORDER_MARK, csv_lines

_ROWS_AT_A_TIME = 1000


class _Sink(io.RawIOBase):
    """What a ZIP is written to that nobody can seek in: it is taken away piece by piece."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: bytes) -> int:  # type: ignore[override]  # zipfile writes bytes alone
        self._pieces.append(bytes(piece))
        return len(piece)

    def take(self) -> bytes:
        """What was written since."""
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken


def pieces_of(books: Sequence[Book], asked: Asked) -> Generator[bytes, None, None]:
    """The ZIP, piece by piece; a piece may be empty."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, book in enumerate(books, start=1):
            name = f"{number:02d}_{book.title}"
            for _ in _add_csv(archive, f"{name}.csv", book, asked):
                yield sink.take()
            if not book.is_printed:
                continue
            for volume, content in enumerate(volumes(book, asked), start=1):
                archive.writestr(_entry(f"{name}_{volume:03d}.pdf", asked), content)
                yield sink.take()
    yield sink.take()


def _add_csv(archive: zipfile.ZipFile, name: str, book: Book, asked: Asked) -> Iterator[None]:
    with archive.open(_entry(name, asked), "w", force_zip64=True) as file:
        file.write(BYTE_ORDER_MARK + csv_lines([[column.title for column in book.columns]]))
        waiting: list[Cells] = []
        for row in book.rows():
            waiting.append(row)
            if len(waiting) == _ROWS_AT_A_TIME:
                file.write(csv_lines(waiting))
                waiting.clear()
                yield
        file.write(csv_lines(waiting))
    yield


def _entry(name: str, asked: Asked) -> zipfile.ZipInfo:
    local = in_tokyo(asked.made_at)
    entry = zipfile.ZipInfo(name, (local.year, local.month, local.day, local.hour, local.minute, local.second))
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    return entry
