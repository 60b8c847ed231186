"""The blocks of a document."""

from __future__ import annotations

from dataclasses import dataclass

from bot.policy.importing.blocks import Block, Piece
from bot.policy.importing.doubts import Doubt
from bot.policy.importing.lines import Document

_UNTITLED = "プライバシーポリシー"


@dataclass(frozen=True)
class Structure:
    """Title and blocks of a document, in the order of its text, and what is doubtful about them."""

    title: str
    blocks: tuple[Block, ...]
    doubts: tuple[Doubt, ...]


def structure_of(document: Document) -> Structure:
    """Every line of the document in one block."""
    blocks = tuple(Piece("paragraph", line.start, line.end) for line in document.lines)
    return Structure(_UNTITLED, blocks, ())
