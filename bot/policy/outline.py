"""From placed nodes to the outline of a policy: which nodes are one section, under which label and name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.policy.alignment import Placed
from bot.policy.faults import LabelIsUnknownError
from bot.policy.labels import Heading, numbered_apart, read_heading, shown_name

_STARTS_SECTION = {"heading", "key"}
_NAMES = {"title", "heading"}


@dataclass
class Part:
    """One section in the making: where it hangs, and the nodes of its own."""

    heading: Heading
    level: int
    outer: list[Part]
    name: str
    has_headings_below: bool = False
    continues: Part | None = None
    nodes: list[Placed] = field(default_factory=list)

    @property
    def has_text(self) -> bool:
        """Whether more than its heading is its own."""
        return any(placed.node.kind not in _NAMES for placed in self.nodes)

    @property
    def path(self) -> str:
        """Labels of the outer sections and its own, joined."""
        return "-".join(part.heading.label for part in [*self.outer, self])

    @property
    def computed_label(self) -> str:
        """The label by the general rule; duplicates are told apart later."""
        if self.continues:
            return self.continues.computed_label
        is_preamble = not self.outer and self.has_headings_below and self.has_text
        return f"{self.path}-0" if is_preamble else self.path


def outline(placed: Sequence[Placed], text: str, title: str) -> list[Part]:
    """The sections in order.

    A heading starts one, and so does the key of a table row. Text before the first heading is a section under the
    title; a title with nothing but headings under it is none.
    """
    parts: list[Part] = []
    open_parts: list[Part] = []
    heading_part: Part | None = None
    for item in placed:
        if item.node.kind == "heading":
            heading_part = _heading_part(item, text, open_parts)
            parts.append(heading_part)
        elif item.node.kind == "key":
            parts.append(_row_part(item, text, heading_part))
        elif not parts or _returns_to_heading(item, parts[-1]):
            parts.append(_continued(heading_part, title))
        parts[-1].nodes.append(item)
    return [part for part in parts if part.has_text or part.level > 0]


def _heading_part(item: Placed, text: str, open_parts: list[Part]) -> Part:
    level = item.node.level
    while open_parts and open_parts[-1].level >= level:
        open_parts.pop()
    for part in open_parts:
        part.has_headings_below = True
    own = read_heading(text[item.start : item.end])
    part = Part(own, level, list(open_parts), shown_name([outer.heading for outer in open_parts], own))
    open_parts.append(part)
    return part


def _row_part(item: Placed, text: str, above: Part | None) -> Part:
    """A row is named by its key after the heading of its table."""
    key = " ".join(text[item.start : item.end].split())
    outer = [*above.outer, above] if above else []
    name = f"{above.name} {key}" if above else key
    return Part(Heading("", "", key), (above.level if above else 1) + 1, outer, name)


def _returns_to_heading(item: Placed, latest: Part) -> bool:
    """Whether a node stands after a table, in the heading's own text again."""
    first = latest.nodes[0].node if latest.nodes else None
    return first is not None and first.kind == "key" and first.group != item.node.group


def _continued(above: Part | None, title: str) -> Part:
    """The heading's own text once more, or the text before the first heading, which alone has level 0."""
    if above is None:
        return Part(read_heading(title), 0, [], title)
    return Part(above.heading, above.level, above.outer, above.name, continues=above)


def labels_of(parts: Sequence[Part], renamed: Mapping[str, str], path: Path) -> list[str]:
    """The final label of every part, in order.

    Raises:
        LabelIsUnknownError: `renamed` speaks of a label that the general rule does not give.
    """
    computed = numbered_apart(part.computed_label for part in parts)
    for label in renamed:
        if label not in computed:
            raise LabelIsUnknownError(path, label, computed)
    return numbered_apart(renamed.get(label, label) for label in computed)
