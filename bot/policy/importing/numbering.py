"""Which numbers belong together, and what is below what.

A style that first appears inside another is below it. A number belongs to the innermost open run of its style whose
next number it is; so numbers that only happen to stand at the start of a line, and references to other parts, are
told from those that count on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count

from bot.policy.importing.markers import Marker

_LARGEST_GAP = 3
_SECOND = 2
_RANKS = ("", "h1", "h2", "h3", "h4", "h5", "h6", "h7")
_COUNTED_THROUGH = {"第1節", "第1条"}


@dataclass(frozen=True)
class Place:
    """A marker in its run; `path` names the open runs from the outermost to its own.

    `fault` says what is odd about the number, when something is.
    """

    marker: Marker
    path: tuple[int, ...]
    fault: str = ""


@dataclass
class _Run:
    style: str
    last: int
    number: int


@dataclass
class Numbering:
    """Reads markers in the order of the text. Runs without numbers (marks, levels of a page) stand among them."""

    _open: list[_Run] = field(default_factory=list)
    _numbers: count[int] = field(default_factory=lambda: count(1))
    _ended: dict[str, int] = field(default_factory=dict)
    _headed: dict[tuple[int, str], int] = field(default_factory=dict)

    def place(self, readings: Sequence[Marker], *, is_strict: bool) -> Place | None:
        """Where a number belongs; None when it does not count on from anything.

        Args:
            readings: the ways the number can be read, the likeliest first.
            is_strict: whether a number that skips or repeats another is none, as inside a line.
        """
        placed = self._next(readings) or self._first(readings) or self._resumed(readings)
        return placed or (None if is_strict else self._odd(readings))

    def head(self, rank: int, readings: Sequence[Marker]) -> tuple[tuple[int, ...], str]:
        """Begins a part below a heading of the page; gives its path, and what is odd about its number.

        The page itself says what is below what, so a number is only looked at.
        """
        kept = [run for run in self._open if run.style in _RANKS[:rank]]
        self._end(0)
        self._open = kept
        self._headed = {key: last for key, last in self._headed.items() if key[0] <= rank}
        return self._push(_RANKS[rank], 0), self._heading_fault(rank, readings)

    def _heading_fault(self, rank: int, readings: Sequence[Marker]) -> str:
        if not readings:
            return ""
        before = [self._headed[rank, marker.style] for marker in readings if (rank, marker.style) in self._headed]
        follows = any(self._headed.get((rank, marker.style), 0) == marker.value - 1 for marker in readings)
        self._headed |= {(rank, marker.style): marker.value for marker in readings}
        if follows or not before or readings[0].value == 1:
            return ""
        return f"the numbering jumps from {before[0]} to {readings[0].value}"

    def enter(self, style: str) -> tuple[int, ...]:
        """Begins a part without a number; gives its path."""
        depth = next((depth for depth, run in enumerate(self._open) if run.style == style), None)
        if depth is None:
            return self._push(style, 0)
        self._end(depth + 1)
        return self._path()

    def close(self) -> None:
        """Nothing goes on: what follows stands beside the outermost parts."""
        self._end(0)
        self._ended.clear()

    def _next(self, readings: Sequence[Marker]) -> Place | None:
        for depth in reversed(range(len(self._open))):
            run = self._open[depth]
            for marker in readings:
                if marker.style == run.style and marker.value == run.last + 1:
                    return self._counted(marker, depth)
        return None

    def _counted(self, marker: Marker, depth: int, fault: str = "") -> Place:
        self._end(depth + 1)
        self._open[depth].last = marker.value
        return Place(marker, self._path(), fault)

    def _first(self, readings: Sequence[Marker]) -> Place | None:
        firsts = [marker for marker in readings if marker.value == 1]
        if not firsts:
            return None
        # A run of the same style that is open ends here: a list of a part that nothing marked as one.
        depth = next((depth for depth, run in enumerate(self._open) if run.style == firsts[0].style), None)
        if depth is not None:
            self._end(depth)
        return Place(firsts[0], self._push(firsts[0].style, 1), "" if depth is None else "the numbering starts again")

    def _resumed(self, readings: Sequence[Marker]) -> Place | None:
        """Articles count on from one chapter to the next."""
        for marker in readings:
            if marker.style in _COUNTED_THROUGH and self._ended.get(marker.style) == marker.value - 1:
                return Place(marker, self._push(marker.style, marker.value))
        return None

    def _odd(self, readings: Sequence[Marker]) -> Place | None:
        for depth in reversed(range(len(self._open))):
            run = self._open[depth]
            for marker in readings:
                if marker.style == run.style and marker.value <= run.last + 1 + _LARGEST_GAP:
                    return self._counted(marker, depth, f"the numbering jumps from {run.last} to {marker.value}")
        return self._second(readings)

    def _second(self, readings: Sequence[Marker]) -> Place | None:
        """Paragraphs of an article may begin with the second: the first has no number then."""
        styles = {run.style for run in self._open}
        marker = next((found for found in readings if found.value == _SECOND and found.style not in styles), None)
        return Place(marker, self._push(marker.style, marker.value), "the numbering begins with 2") if marker else None

    def _end(self, depth: int) -> None:
        """Closes the runs from this depth on."""
        self._ended |= {run.style: run.last for run in self._open[depth:]}
        del self._open[depth:]

    def _push(self, style: str, last: int) -> tuple[int, ...]:
        self._open.append(_Run(style, last, next(self._numbers)))
        return self._path()

    def _path(self) -> tuple[int, ...]:
        return tuple(run.number for run in self._open)
