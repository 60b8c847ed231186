"""A Markdown file to a document: what its reader shows is the text, and the numbers of its lists are part of it."""

from __future__ import annotations

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.front_matter import front_matter_plugin

from bot.policy.importing.lines import Document
from bot.policy.importing.page import read_page


def read_marked(markdown: str) -> Document:
    """The document of a Markdown file; a line of the file is a line of the text."""
    parser = MarkdownIt("commonmark", {"html": True, "breaks": True}).enable("table")
    parser.use(front_matter_plugin).use(deflist_plugin)
    tokens = parser.parse(markdown)
    _say_numbers(tokens)
    return read_page(f"<body>{parser.renderer.render(tokens, parser.options, {})}</body>")


def _say_numbers(tokens: list[Token]) -> None:
    """Puts the number of every ordered item into its text, as the file has it."""
    waiting = ""
    for token in tokens:
        if token.type == "list_item_open" and token.info:
            waiting = f"{token.info}{token.markup} "
        elif token.type == "inline" and waiting:
            token.children = [Token("text", "", 0, content=waiting), *(token.children or [])]
            waiting = ""
