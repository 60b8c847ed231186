"""Changes one entry of a YAML list and leaves every other line as people wrote it, comments and all."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from bot.policy.releases.faults import EntryIsGoneError
from bot.yaml_text import LOADER, dump_yaml

Row = Mapping[str, Any]
_BLANK = re.compile(r"\s*(?:#.*)?")


@dataclass(frozen=True)
class Place:
    """One entry in its file: its value, and the lines it takes from the first to before the last."""

    row: Row
    first: int
    last: int

    @property
    def seen(self) -> str:
        """What tells whether an entry is still the one that somebody looked at."""
        return seen_of(self.row)


def seen_of(row: Row | None) -> str:
    """A digest of an entry's value; of none, an empty one."""
    if row is None:
        return ""
    spelt = json.dumps(row, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(spelt.encode()).hexdigest()[:16]


# The two sides of a candidate, each of a few files: a page that shows it asks for all of them every time.
@lru_cache(maxsize=16)
def places(text: str) -> tuple[Place, ...]:
    """Every entry of a list that has been proven to be one, in its order."""
    loader = LOADER(text)
    root = loader.get_single_node()
    if root is None:
        return ()
    rows = loader.construct_document(root)
    starts = [node.start_mark.line for node in root.value]
    lines = text.splitlines()
    ends = [_end(lines, start, following) for start, following in zip(starts, [*starts[1:], len(lines)], strict=True)]
    return tuple(Place(*found) for found in zip(rows, starts, ends, strict=True))


def find(text: str, key: str) -> Place | None:
    """The entry of this id, or, in a list without ids, the one that was seen as this."""
    return next((place for place in places(text) if place.row.get("id", place.seen) == key), None)


def with_entry(text: str, row: Row, key: str | None = None) -> str:
    """The list with this entry in the place of the one of `key`, or, without one, at its end.

    Raises:
        EntryIsGoneError: there is no entry of this key.
    """
    lines = text.splitlines(keepends=True)
    spelt = _spelt(row)
    if key is None:
        gap = "\n" if lines and lines[-1].strip() else ""
        ended = text if not text or text.endswith("\n") else text + "\n"
        return f"{ended}{gap}{spelt}"
    place = _found(text, key)
    return "".join([*lines[: place.first], spelt, *lines[place.last :]])


def without_entry(text: str, key: str) -> str:
    """The list without the entry of this key.

    Raises:
        EntryIsGoneError: there is none.
    """
    place = _found(text, key)
    lines = text.splitlines(keepends=True)
    rest = lines[place.last :]
    while place.first and rest and not rest[0].strip() and not lines[place.first - 1].strip():
        rest = rest[1:]
    return "".join([*lines[: place.first], *rest])


def _found(text: str, key: str) -> Place:
    place = find(text, key)
    if place is None:
        raise EntryIsGoneError("この項目は、ほかの人が削除したか、変更しました。一覧を開き直してください。")
    return place


def _end(lines: list[str], start: int, following: int) -> int:
    """Comments and blank lines before an entry belong to it, not to the one above."""
    while following > start + 1 and _BLANK.fullmatch(lines[following - 1]):
        following -= 1
    return following


def _spelt(row: Row) -> str:
    return dump_yaml([dict(row)])
