"""A PDF of Japanese text, written by hand: one font that every reader knows, lines from the top of each page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

_FONT = (
    b"<< /Type /Font /Subtype /Type0 /BaseFont /HeiseiMin-W3 /Encoding /UniJIS-UTF16-H /DescendantFonts "
    b"[<< /Type /Font /Subtype /CIDFontType0 /BaseFont /HeiseiMin-W3 /DW 1000 /CIDSystemInfo "
    b"<< /Registry (Adobe) /Ordering (Japan1) /Supplement 4 >> >>] >>"
)
_TOP, _LEADING, _SIZE = 780, 18, 10


def small_pdf(pages: Sequence[Sequence[str]]) -> bytes:
    """The bytes of a PDF whose pages show these lines."""
    return _file(list(_objects(pages)))


def _objects(pages: Sequence[Sequence[str]]) -> Iterator[bytes]:
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    yield b"<< /Type /Catalog /Pages 2 0 R >>"
    yield f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode()
    yield _FONT
    for number, lines in enumerate(pages):
        size = "/MediaBox [0 0 595 842] /Resources << /Font << /F 3 0 R >> >>"
        yield f"<< /Type /Page /Parent 2 0 R {size} /Contents {5 + 2 * number} 0 R >>".encode()
        shown = "".join(
            f"BT /F {_SIZE} Tf 50 {_TOP - _LEADING * place} Td <{line.encode('utf-16-be').hex()}> Tj ET\n"
            for place, line in enumerate(lines)
        )
        yield f"<< /Length {len(shown)} >>\nstream\n{shown}endstream".encode()


def _file(objects: Sequence[bytes]) -> bytes:
    written = b"%PDF-1.4\n"
    places: list[int] = []
    for number, content in enumerate(objects, start=1):
        places.append(len(written))
        written += f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    end = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    tail = f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(written)}\n%%EOF\n"
    return written + end.encode() + tail.encode()
