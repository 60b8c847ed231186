"""Lines that ended where the paper or the window did, not where a sentence does."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from bot.policy.importing.markers import markers_at
from bot.policy.importing.titles import mark_of

_FEWEST = 8
_SHARE = 0.35
_SLACK = 8
_NARROWEST = 48
_BULLET = re.compile(r"[・•‣·*＊※\-‐–—●○■□◆◇]")
_ENDS = re.compile(r"[。！？!?：:；;」』）)]$")
_STOPS = re.compile(r"[。！？!?]$")


def width_of(words: str) -> int:
    """Columns on a page of fixed pitch: Japanese characters take two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WFA" else 1 for character in words)


def margin_of(lines: Sequence[str]) -> int | None:
    """The width at which lines were broken; None when too few of them end there in the middle of a sentence."""
    if len(lines) < _FEWEST:
        return None
    widest = max(map(width_of, lines))
    broken = sum(_reaches(line, widest) and not _ENDS.search(line) for line in lines)
    return widest if broken >= _SHARE * len(lines) else None


def goes_on(line: str, following: str, margin: int) -> bool:
    """Whether the following line only continues a line."""
    begins = _BULLET.match(following) or mark_of(following) or markers_at(following, 0, len(following))
    return _reaches(line, margin) and not begins and not _STOPS.search(line)


def unwrapped(lines: Sequence[str]) -> list[str]:
    """The lines of a paper put together as they were before they were broken."""
    margin = margin_of(lines) or max([_NARROWEST, *map(width_of, lines)])
    joined: list[str] = []
    latest = ""
    for line in lines:
        if joined and goes_on(latest, line, margin):
            joined[-1] += (" " if latest[-1].isascii() and line[0].isascii() else "") + line
        else:
            joined.append(line)
        latest = line
    return joined


def _reaches(line: str, margin: int) -> bool:
    return width_of(line) >= margin - _SLACK
