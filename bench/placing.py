"""Puts figures of a bench into a page, between two marks of its own."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Marks:
    """Comments of the page between which the figures stand."""

    begin: str
    end: str

    def placed(self, text: str, made: str) -> str:
        """The page with other figures."""
        before, rest = text.split(self.begin)
        _, after = rest.split(self.end)
        return f"{before}{self.begin}\n\n{made}\n\n{self.end}{after}"
