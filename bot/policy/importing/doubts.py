"""What the importer was unsure about, for the person who reviews its work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["numbering", "heading", "navigation", "table", "list", "reading", "controller"]
_SHOWN = 40


@dataclass(frozen=True)
class Doubt:
    """One guess: of what kind, where in the text (None: the whole of it), and what was decided."""

    kind: Kind
    reason: str
    start: int | None = None

    def line_in(self, text: str) -> str:
        """The doubt as one line, with the line and the character of the text it is about."""
        if self.start is None:
            return f"{self.kind}: {self.reason}"
        line = text.count("\n", 0, self.start) + 1
        return f"line {line}, character {self.start}: {self.kind}: {self.reason}"


def shown(text: str, start: int, end: int) -> str:
    """A range on one line, shortened for a report."""
    words = " ".join(text[start:end].split())
    return words if len(words) <= _SHOWN else f"{words[:_SHOWN]}…"
