"""How many people a set of things concerns: whatever is known to be of one person counts as one."""

from __future__ import annotations

from collections.abc import Iterable


class People:
    """Names of people that nothing personal stands in (ids, keyed hashes), joined where two name the same person."""

    def __init__(self) -> None:
        self._of: dict[str, str] = {}

    def add(self, names: Iterable[str]) -> None:
        """Notes that all of these name one person."""
        first, *others = names
        root = self._root(first)
        for other in others:
            self._of[self._root(other)] = root

    def __len__(self) -> int:
        """How many different people."""
        return sum(1 for name, parent in self._of.items() if name == parent)

    def _root(self, name: str) -> str:
        while (parent := self._of.setdefault(name, name)) != name:
            # Halving the way keeps chains short however the names come.
            self._of[name] = name = self._of[parent]
        return name
