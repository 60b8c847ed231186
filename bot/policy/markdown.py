"""Markdown to a flat list of text nodes, with the structure that passages and sections are made from.

Markup only gives structure: a node's text must stand in the source as it is. So whatever a Markdown reader would
draw without it being text of the page (numbers of ordered lists, images, HTML) is refused, but `<br>`, which parts
the lines of a table cell.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import count
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.front_matter import front_matter_plugin

from bot.policy.faults import MarkupIsUnsupportedError
from bot.policy.model import BlockKind

LINE_BREAK = "<br>"
_INVISIBLE = {"hr", "front_matter"}
_TEXT = {"text", "code_inline"}


@dataclass(frozen=True)
class Node:
    """One text node; nodes of one row, definition or lead-in with list share `group`.

    `closed` groups (rows and definitions) keep to themselves when passages are made.
    """

    kind: BlockKind
    text: str
    line: int
    level: int = 0
    group: int = 0
    closed: bool = False
    column: int = 0


@dataclass(frozen=True)
class Document:
    """What a Markdown file holds: the raw YAML of its head, and its text nodes in order."""

    front_matter: str
    nodes: tuple[Node, ...]


# Whoever asks which version is in force reads the heads of all of them, and a parse takes some thirty milliseconds.
@lru_cache(maxsize=16)
def read_markdown(markdown: str, path: Path) -> Document:
    """Parses a file of the corpus.

    Args:
        markdown: the file's content.
        path: named in errors.

    Raises:
        MarkupIsUnsupportedError: something in it is not structure of text.
    """
    parser = MarkdownIt("commonmark", {"html": True}).enable("table")
    parser.use(front_matter_plugin).use(deflist_plugin)
    root = SyntaxTreeNode(parser.parse(markdown))
    head = next((node.content for node in root.children if node.type == "front_matter"), "")
    return Document(head, tuple(_Walker(path).blocks(root.children)))


class _Walker:
    """Turns the syntax tree into nodes, giving out group numbers on the way."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._numbers = count(1)
        self._is_titled = False

    def blocks(self, siblings: list[SyntaxTreeNode]) -> Iterator[Node]:
        """The nodes of blocks that stand beside each other; a list goes with the paragraph that leads to it."""
        lead_in: int | None = None
        for block in siblings:
            group = next(self._numbers)
            if block.type == "heading":
                yield from self._heading(block, group)
            elif block.type == "paragraph":
                yield from self._lines(block, Node("paragraph", "", 0, group=group))
            elif block.type == "bullet_list":
                yield from self._list(block, Node("item", "", 0, group=lead_in or group))
            elif block.type == "table":
                yield from self._table(block)
            elif block.type == "dl":
                yield from self._definitions(block)
            elif block.type == "blockquote":
                yield from self.blocks(block.children)
            elif block.type not in _INVISIBLE:
                raise self._unsupported(block)
            lead_in = group if block.type == "paragraph" else None

    def _heading(self, heading: SyntaxTreeNode, group: int) -> Iterator[Node]:
        """The first heading of level 1 is the title of the policy; any other begins a section."""
        level = int(heading.tag[1:])
        kind: BlockKind = "title" if level == 1 and not self._is_titled else "heading"
        self._is_titled = self._is_titled or level == 1
        lines = list(self._lines(heading, Node(kind, "", 0, level=level, group=group)))
        if lines:
            yield replace(lines[0], text="\n".join(line.text for line in lines))

    def _list(self, bullets: SyntaxTreeNode, like: Node) -> Iterator[Node]:
        deeper = Node("item", "", 0, level=like.level + 1, group=like.group, closed=like.closed)
        for child in (child for item in bullets.children for child in item.children):
            if child.type == "paragraph":
                yield from self._lines(child, deeper)
            elif child.type == "bullet_list":
                yield from self._list(child, deeper)
            else:
                raise self._unsupported(child)

    def _definitions(self, definitions: SyntaxTreeNode) -> Iterator[Node]:
        group = 0
        for child in definitions.children:
            if child.type == "dt":
                group = next(self._numbers)
                yield from self._lines(child, Node("term", "", 0, group=group, closed=True))
                continue
            for block in child.children:
                if block.type == "paragraph":
                    yield from self._lines(block, Node("paragraph", "", 0, group=group, closed=True))
                elif block.type == "bullet_list":
                    yield from self._list(block, Node("item", "", 0, group=group, closed=True))
                else:
                    raise self._unsupported(block)

    def _table(self, table: SyntaxTreeNode) -> Iterator[Node]:
        for part in table.children:
            for row in part.children:
                yield from self._row(row, next(self._numbers), is_header=part.type == "thead")

    def _row(self, row: SyntaxTreeNode, group: int, *, is_header: bool) -> Iterator[Node]:
        rest = Node("header" if is_header else "cell", "", 0, group=group, closed=True)
        key = rest if is_header else Node("key", "", 0, group=group, closed=True)
        for column, cell in enumerate(row.children):
            for line, node in enumerate(self._lines(cell, rest)):
                is_key = column == 0 and line == 0
                kind = key.kind if is_key else node.kind
                yield Node(kind, node.text, node.line, group=group, closed=True, column=column)

    def _lines(self, block: SyntaxTreeNode, like: Node) -> Iterator[Node]:
        """One node for each line that is broken on purpose; a line end of the file alone is white space."""
        inline = block.children[0] if block.children else None
        if inline is None:
            return
        line = (inline.map or (0, 0))[0] + 1
        text = ""
        for piece in [*self._pieces(inline), None]:
            if piece is not None:
                text += piece
                continue
            if text.strip():
                yield Node(like.kind, text.strip(), line, like.level, like.group, like.closed)
            line += text.count("\n")
            text = ""

    def _pieces(self, inline: SyntaxTreeNode) -> Iterator[str | None]:
        """The text of a block in pieces; None where a line is broken on purpose."""
        for child in inline.children:
            if child.type in _TEXT:
                yield child.content
            elif child.type == "softbreak":
                yield "\n"
            elif child.type == "hardbreak" or (child.type == "html_inline" and child.content == LINE_BREAK):
                yield None
            elif child.type in {"strong", "em", "link"}:
                yield from self._pieces(child)
            else:
                raise self._unsupported(child, inline)

    def _unsupported(self, node: SyntaxTreeNode, parent: SyntaxTreeNode | None = None) -> MarkupIsUnsupportedError:
        place = node.map or (parent.map if parent else None) or (0, 0)
        what = "an ordered list draws its own numbers: write them as text of the source (1\\.)"
        if node.type != "ordered_list":
            what = f"{node.type.replace('_', ' ')} cannot be aligned with the source: {node.content[:40]!r}"
        return MarkupIsUnsupportedError(self._path, place[0] + 1, what)
