"""What a detector reports."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Find:
    """A place in a folded text that holds personal data of this sort."""

    start: int
    end: int
    sort: str
