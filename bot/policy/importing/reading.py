"""A file to a document, by what kind of file it is."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from bot.policy.importing.decoding import decode
from bot.policy.importing.faults import FileCannotBeReadError
from bot.policy.importing.lines import Document, Line, split_lines
from bot.policy.importing.marked import read_marked
from bot.policy.importing.page import read_page
from bot.policy.importing.paper import read_paper

_PAPER = b"%PDF-"
_HEAD = 1024
_IS_PAGE = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL
)
_PAGES = {".html", ".htm", ".xhtml"}
_MARKED = {".md", ".markdown", ".mdown"}
# The structure of a version is a `.md` beside its text, so an original of that kind takes another name.
_KEPT_AS = {".md": ".markdown", ".mdown": ".markdown"}


def read_document(file: Path, content: bytes) -> Document:
    """The text of a file and its lines.

    Raises:
        FileCannotBeReadError: it is empty, holds no text, or is of a kind that cannot be read.
    """
    suffix = file.suffix.lower()
    if _PAPER in content[:_HEAD]:
        return replace(read_paper(content, file), original_suffix=".pdf")
    text = decode(content, file)
    if suffix in _PAGES or _IS_PAGE.match(text):
        document = replace(read_page(text), original_suffix=suffix if suffix in _PAGES else ".html")
    elif suffix in _MARKED:
        document = replace(read_marked(text), original_suffix=_KEPT_AS.get(suffix, suffix))
    else:
        document = Document(text, tuple(Line(start, end) for start, end in split_lines(text)))
    if not document.lines:
        raise FileCannotBeReadError(file, "the page shows no text", "ページに文字がありません。")
    return document
