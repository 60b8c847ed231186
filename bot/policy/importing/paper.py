"""A PDF to a document: its pages without what repeats on each, and its lines without the margin's breaks."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pypdfium2

from bot.policy.importing.faults import FileCannotBeReadError
from bot.policy.importing.lines import Document, Line, split_lines
from bot.policy.importing.wrapping import unwrapped

# A number alone is one of a page when every page has one; these say so themselves.
_PAGE_NUMBER = re.compile(
    r"[\-–―—]\s*\d{1,3}\s*[\-–―—]|(?i:p(?:age)?)\.?\s*\d{1,3}|\d{1,3}\s*(?:[/／]\s*\d{1,3}|ページ|頁)"
)
# Marks that the reader puts where a word was parted or a glyph has no character.
_UNREADABLE = re.compile(r"[\x00-\x08\x0e-\x1f\ufffe\uffff]")
_EDGE = 2


def read_paper(content: bytes, file: Path) -> Document:
    """The document of a PDF.

    Raises:
        FileCannotBeReadError: it is broken, locked, or holds pictures of text only.
    """
    pages = [[line for line in page if line] for page in _pages(content, file)]
    if not any(pages):
        what = "the PDF holds no text; pages that are pictures cannot be read"
        raise FileCannotBeReadError(file, what, "PDFに文字がありません。画像だけのページは読み取れません。")
    repeated = _repeated(pages)
    kept = [[line for place, line in enumerate(page) if not _is_edge(line, place, page, repeated)] for page in pages]
    dropped = sum(map(len, pages)) - sum(map(len, kept))
    text = "\n".join(unwrapped([line for page in kept for line in page])) + "\n"
    notes = (f"{dropped} page numbers and lines that repeat on every page were left away",) if dropped else ()
    return Document(text, tuple(Line(start, end) for start, end in split_lines(text)), notes=notes)


def _pages(content: bytes, file: Path) -> list[list[str]]:
    try:
        paper = pypdfium2.PdfDocument(content)
        texts = [page.get_textpage().get_text_range() for page in paper]
    except pypdfium2.PdfiumError as error:
        what = f"cannot be read as a PDF: {error}"
        raise FileCannotBeReadError(file, what, "PDFを開けません。壊れているか、パスワードがついています。") from None
    return [[" ".join(_UNREADABLE.sub("", line).split()) for line in text.splitlines()] for text in texts]


def _repeated(pages: list[list[str]]) -> set[str]:
    """Lines at the edge of most pages, numbers aside."""
    edges = Counter(key for page in pages for key in {_key(line) for line in [*page[:_EDGE], *page[-_EDGE:]]})
    return {key for key, times in edges.items() if times > 1 and times * 2 > len(pages)}


def _key(line: str) -> str:
    return re.sub(r"\d+", "#", line)


def _is_edge(line: str, place: int, page: list[str], repeated: set[str]) -> bool:
    is_outer = place < _EDGE or place >= len(page) - _EDGE
    return is_outer and (_key(line) in repeated or _PAGE_NUMBER.fullmatch(line) is not None)
