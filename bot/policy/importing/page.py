"""An HTML page to a document: its text in reading order, each block a line, with what the markup says of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import count

from selectolax.lexbor import LexborHTMLParser, LexborNode

from bot.policy.importing.lines import Document, Hint, Line
from bot.policy.importing.markers import markers_at
from bot.policy.importing.titles import is_title
from bot.policy.passages import PASSAGE_LIMIT

_UNSEEN = {
    *("script", "style", "noscript", "template", "svg", "head", "iframe", "object", "canvas", "video", "audio"),
    *("button", "select", "textarea", "input", "rt", "rp", "map"),
}
_BLOCKS = {
    *("address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "div", "dl", "dt"),
    *("fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup"),
    *("hr", "html", "legend", "li", "main", "menu", "nav", "ol", "p", "pre", "section", "summary", "table", "tbody"),
    *("td", "tfoot", "th", "thead", "tr", "ul"),
}
_FRAMES = {"nav", "footer", "aside"}
_FRAME_ROLES = {"navigation", "banner", "contentinfo", "search", "complementary"}
_FRAME_NAMES = {
    *("nav", "navi", "navigation", "gnav", "gnavi", "breadcrumb", "breadcrumbs", "topicpath", "crumb", "footer"),
    *("sidebar", "share", "sns", "pagetop", "copyright", "sitemap", "globalnav", "header"),
}
_NEVER_FRAMES = {"html", "body", "main", "article"}
_HEADING = re.compile(r"h([1-6])")
# Bold lines that stand for headings are below every heading of the page.
_BOLD_LEVEL = 7
_BOLD = {"b", "strong"}
_DATA_CELL = 400
_SPACE = re.compile(r"[ \t\r\n\f\v]+")


@dataclass(frozen=True)
class _Context:
    """What the elements around a text say of it."""

    hint: Hint = "paragraph"
    level: int = 0
    table: int = 0
    row: int = 0
    column: int = 0
    is_frame: bool = False
    depth: int = 0
    is_bold: bool = False


@dataclass
class _Page:
    """The text as it grows, and its lines."""

    text: str = ""
    lines: list[Line] = field(default_factory=list)
    waiting: str = ""
    is_plain: bool = False
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def say(self, words: str, *, is_bold: bool) -> None:
        self.waiting += words
        self.is_plain = self.is_plain or not (is_bold or not words.strip())

    def end_line(self, context: _Context, *, is_followed: bool = False) -> None:
        """Puts what was said so far as one line of this context.

        Args:
            context: what the elements around it say.
            is_followed: whether more follows in the same element.
        """
        words = _SPACE.sub(" ", self.waiting).strip()
        is_bold = not self.is_plain
        self.waiting, self.is_plain = "", False
        if not words:
            return
        start = len(self.text)
        self.text += words
        hint = context.hint
        if hint == "item" and markers_at(self.text, start, len(self.text)):
            hint = "paragraph"
        level = context.level
        if is_bold and _is_bold_heading(words, hint, is_followed=is_followed):
            hint, level = "heading", _BOLD_LEVEL
        line = Line(start, len(self.text), hint, level, context.table, context.row, context.column)
        self.lines.append(replace(line, is_frame=context.is_frame))
        self.text += "\n"


def read_page(html: str) -> Document:
    """The document of a page; it has no lines when the page shows no text."""
    parser = LexborHTMLParser(html)
    page = _Page()
    body = parser.body
    if body is not None:
        is_framed = parser.css_first("main, article, [role=main]") is not None
        _walk(body, _Context(is_frame=is_framed), page)
        page.end_line(_Context())
    return Document(page.text, tuple(page.lines))


def _walk(parent: LexborNode, context: _Context, page: _Page) -> None:
    for node in parent.iter(include_text=True):
        tag = node.tag or ""
        if tag == "-text":
            page.say(node.text_content or "", is_bold=context.is_bold)
        elif tag == "br":
            page.end_line(context, is_followed=True)
        elif tag in _UNSEEN or _is_hidden(node):
            continue
        elif tag in _BLOCKS:
            page.end_line(context, is_followed=True)
            _block(node, tag, context, page)
        else:
            _walk(node, replace(context, is_bold=context.is_bold or tag in _BOLD), page)


def _block(node: LexborNode, tag: str, context: _Context, page: _Page) -> None:
    inner = replace(context, is_frame=_is_frame(node, tag, inherited=context.is_frame))
    heading = _HEADING.fullmatch(tag)
    if tag == "table" and _is_data(node):
        _table(node, inner, page)
        return
    if tag == "dl" and _is_short(node):
        _definitions(node, inner, page)
        return
    if heading:
        inner = replace(inner, hint="heading", level=int(heading[1]))
    elif tag in {"ul", "ol", "menu"}:
        inner = replace(inner, depth=context.depth + 1)
    elif tag == "li":
        inner = replace(inner, hint="detail" if context.hint == "detail" else "item", level=max(context.depth, 1))
    elif tag == "dt":
        inner = replace(inner, hint="heading", level=_BOLD_LEVEL)
    _walk(node, inner, page)
    page.end_line(inner)


def _is_hidden(node: LexborNode) -> bool:
    style = (node.attributes.get("style") or "").replace(" ", "")
    return "hidden" in node.attributes or "display:none" in style


def _is_frame(node: LexborNode, tag: str, *, inherited: bool) -> bool:
    """Whether an element is what stands around the text; a part that is called the main one is not."""
    if tag in _NEVER_FRAMES or node.attributes.get("role") == "main":
        return tag in {"html", "body"} and inherited
    if inherited or tag in _FRAMES or node.attributes.get("role") in _FRAME_ROLES:
        return True
    names = f"{node.attributes.get('class') or ''} {node.attributes.get('id') or ''}".lower()
    is_named = tag == "header" or not _FRAME_NAMES.isdisjoint(re.split(r"[\s_-]+", names))
    return is_named and node.css_first("h1, h2, h3") is None


def _is_bold_heading(words: str, hint: Hint, *, is_followed: bool) -> bool:
    """Whether a line that is bold as a whole is a heading: a paragraph of its own, or the first line of an item."""
    if hint != "paragraph" and not (hint == "item" and is_followed):
        return False
    return is_title(words) and not markers_at(words, 0, len(words))


def _is_data(table: LexborNode) -> bool:
    """Whether a table holds data; others only lay out the page."""
    if table.css_first("table table, h1, h2, h3, h4, h5, h6") is not None:
        return False
    rows = [len(row.css("td, th")) for row in table.css("tr")]
    cells = [len(cell.text() or "") for cell in table.css("td, th")]
    return max(rows, default=0) > 1 and sum(cells) <= _DATA_CELL * len(cells)


def _table(table: LexborNode, context: _Context, page: _Page) -> None:
    caption = table.css_first("caption")
    if caption is not None:
        _walk(caption, context, page)
        page.end_line(context)
    number, held = next(page.numbers), 0
    row = 0
    for position, line in enumerate(table.css("tr")):
        cells = [cell for cell in line.iter() if cell.tag in {"td", "th"}]
        if not cells:
            continue
        is_header = position == 0 and all(cell.tag == "th" for cell in cells)
        is_header = is_header or (line.parent is not None and line.parent.tag == "thead")
        # A key that spans several rows makes them one: they are read on in its last cell.
        row = row if held else next(page.numbers)
        like = replace(context, hint="header" if is_header else "cell", table=number, row=row)
        _row(cells, replace(like, column=1 if held else 0), page, is_continued=held > 0)
        held = max(held - 1, 0) or (0 if held else _span(cells[0], "rowspan") - 1)


def _row(cells: list[LexborNode], like: _Context, page: _Page, *, is_continued: bool) -> None:
    column = like.column
    for cell in cells:
        inside = replace(like, column=column)
        _walk(cell, inside, page)
        page.end_line(inside)
        column = column if is_continued else column + _span(cell, "colspan")


def _span(cell: LexborNode, name: str) -> int:
    value = cell.attributes.get(name) or ""
    return int(value) if value.isdecimal() and 0 < int(value) < PASSAGE_LIMIT else 1


def _is_short(definitions: LexborNode) -> bool:
    """Whether a definition list holds short facts; longer ones are headings with their text."""
    if definitions.css_first("table, dl dl, h1, h2, h3, h4, h5, h6") is not None:
        return False
    terms = [(term.text() or "").strip() for term in definitions.css("dt")]
    if any(markers_at(term, 0, len(term)) for term in terms):
        return False
    return all(len(detail.text() or "") <= PASSAGE_LIMIT for detail in definitions.css("dd"))


def _definitions(definitions: LexborNode, context: _Context, page: _Page) -> None:
    number = 0
    for node in definitions.css("dt, dd"):
        number = next(page.numbers) if node.tag == "dt" else number
        hint: Hint = "term" if node.tag == "dt" else "detail"
        inside = replace(context, hint=hint, level=0, table=number, depth=0)
        _walk(node, inside, page)
        page.end_line(inside)
