"""A file to a document, by what kind of file it is."""

from __future__ import annotations

from pathlib import Path

from bot.policy.importing.decoding import decode
from bot.policy.importing.lines import Document, Line, split_lines


def read_document(file: Path, content: bytes) -> Document:
    """The text of a file and its lines.

    Raises:
        FileCannotBeReadError: it is empty, holds no text, or is of a kind that cannot be read.
    """
    text = decode(content, file)
    return Document(text, tuple(Line(start, end) for start, end in split_lines(text)))
