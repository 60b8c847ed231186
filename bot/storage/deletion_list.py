"""A list, outside the database, of what members deleted: a restored backup brings it back, and this forgets it again.

A line is a moment, a sort and a random id of ours, which says nothing of a person. It is on the disk before the
deletion is committed: whoever wished for a deletion that then failed wishes for it still. Files are one a day (UTC).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path

from bot.storage.whole_files import reach_disk

_NAME = re.compile(r"deleted-(\d{4}-\d\d-\d\d)\.txt", re.ASCII)
_LINE = re.compile(r"(\S+) (conversation|turn) ([0-9a-f]{32})", re.ASCII)
_OURS_ALONE = 0o600


class Sort(StrEnum):
    """What was deleted: a whole conversation, or the words of one turn."""

    CONVERSATION = "conversation"
    TURN = "turn"


@dataclass(frozen=True)
class Deleted:
    """One line."""

    at: datetime
    sort: Sort
    id: str


@dataclass(frozen=True)
class DeletionList:
    """The folder of the lists; any number of processes may add to it at once."""

    folder: Path

    def note(self, sort: Sort, id_: str, *, now: datetime) -> None:
        """Adds a line; it is on the disk when this returns.

        Raises:
            OSError: it cannot be written.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        place = self.folder / _name_of(now.astimezone(UTC).date())
        is_new = not place.exists()
        descriptor = os.open(place, os.O_WRONLY | os.O_APPEND | os.O_CREAT, _OURS_ALONE)
        try:
            # One write is one piece. It begins with a new line, so that one which a full disk cut off spoils no other.
            os.write(descriptor, f"\n{now.astimezone(UTC).isoformat()} {sort} {id_}\n".encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if is_new:
            reach_disk(self.folder)

    def since(self, moment: datetime) -> Iterator[Deleted]:
        """What was deleted at this moment or later, day by day; nothing where there is no folder."""
        for path, day in self._files():
            if day >= moment.astimezone(UTC).date():
                found = (_read(line) for line in path.read_text("ascii", errors="replace").splitlines())
                yield from (one for one in found if one is not None and one.at >= moment)

    def first_day(self) -> date | None:
        """The day from which on there are lists."""
        return min((day for _, day in self._files()), default=None)

    def forget(self, *, before: date) -> int:
        """Removes the lists of days before this one; gives how many."""
        old = [path for path, day in self._files() if day < before]
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)

    def _files(self) -> list[tuple[Path, date]]:
        if not self.folder.is_dir():
            return []
        named = ((path, _NAME.fullmatch(path.name)) for path in sorted(self.folder.iterdir()))
        return [(path, date.fromisoformat(found[1])) for path, found in named if found]


def _name_of(day: date) -> str:
    return f"deleted-{day}.txt"


def _read(line: str) -> Deleted | None:
    found = _LINE.fullmatch(line)
    try:
        return Deleted(datetime.fromisoformat(found[1]), Sort(found[2]), found[3]) if found else None
    except ValueError:
        return None
