"""What a policy is made of, once its Markdown has been aligned with its source text.

Every `start` and `end` counts Unicode code points in `Policy.text`, the policy as obtained; every `text` here is
exactly that slice, with the original characters. Nothing in this module reads files.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Literal

BlockKind = Literal["title", "heading", "paragraph", "item", "term", "header", "key", "cell"]
SentenceRole = Literal["sentence", "item", "key"]


@dataclass(frozen=True)
class Block:
    """One text node of the Markdown at its place in the source; pages are drawn from these.

    `level` is the depth of a heading or list item, else 0. Blocks of one table row, one definition (a term and what
    stands under it) or one lead-in with its list share `group`. `key` and `term` name the rest of their group.
    `column` is the place of a table cell in its row, from 0.
    """

    kind: BlockKind
    start: int
    end: int
    level: int
    group: int
    section: str
    column: int = 0


@dataclass(frozen=True)
class Sentence:
    """The unit that is embedded and quoted: a sentence, a list item, or the key of a row."""

    text: str
    start: int
    end: int
    passage_id: str
    role: SentenceRole = "sentence"


@dataclass(frozen=True)
class Passage:
    """The unit that search returns: at most 450 characters of one section, one contiguous range.

    A table row (key, note and every cell) is one passage, and so is a definition.
    """

    id: str
    section: str
    heading: str
    text: str
    start: int
    end: int
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True)
class Section:
    """A part of the policy that is cited by its label; a row of a table is a section below its table's.

    The range holds the section's own text (its heading included), not that of the sections below it. `heading` is
    what a member is shown, e.g. "【2】５．開示等の手続き".
    """

    label: str
    heading: str
    level: int
    start: int
    end: int
    passages: tuple[Passage, ...]


@dataclass(frozen=True)
class Policy:
    """One version of one policy; `controller` is the company's legal name, `id` its folder `controller/policy`.

    `omitted` are the ranges of the source that its Markdown declares to be navigation or footer.
    """

    id: str
    controller: str
    title: str
    version: str
    effective_date: date | None
    source: str
    sha256: str
    text: str = field(repr=False)
    sections: tuple[Section, ...] = field(repr=False)
    blocks: tuple[Block, ...] = field(repr=False)
    omitted: tuple[tuple[int, int], ...] = field(repr=False)

    @cached_property
    def passages(self) -> tuple[Passage, ...]:
        """Every passage, in the order of the text."""
        return tuple(passage for section in self.sections for passage in section.passages)

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """Every sentence, in the order of the text."""
        return tuple(sentence for passage in self.passages for sentence in passage.sentences)

    @cached_property
    def _by_id(self) -> dict[str, Passage]:
        return {passage.id: passage for passage in self.passages}

    @cached_property
    def _starts(self) -> list[int]:
        return [section.start for section in self.sections]

    @cached_property
    def _block_starts(self) -> list[int]:
        return [block.start for block in self.blocks]

    def block_at(self, position: int) -> Block | None:
        """The block that holds this position, or None (white space between blocks, navigation)."""
        place = bisect_right(self._block_starts, position) - 1
        return self.blocks[place] if place >= 0 and position < self.blocks[place].end else None

    def passage(self, passage_id: str) -> Passage:
        """The passage of this id.

        Raises:
            KeyError: this version has no such passage.
        """
        return self._by_id[passage_id]

    def section(self, label: str) -> Section | None:
        """The section of this label, or None."""
        return next((section for section in self.sections if section.label == label), None)

    def section_at(self, position: int) -> Section | None:
        """The section whose own text holds this position, or None (navigation, footer, between sections)."""
        place = bisect_right(self._starts, position) - 1
        if place < 0 or position >= self.sections[place].end:
            return None
        return self.sections[place]

    def passage_at(self, position: int) -> Passage | None:
        """The passage that holds this position, or None (headings belong to sections, not to passages)."""
        section = self.section_at(position)
        passages = section.passages if section else ()
        return next((passage for passage in passages if passage.start <= position < passage.end), None)
