"""The files of an index as the process knows them that opened it: what goes wrong on the disk is put back.

Whoever runs has its own in memory and misses nothing. Whoever starts next would make what is missing anew, and members
would wait for that for minutes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

import structlog

from bot.storage.whole_files import write_whole

Files = dict[Path, bytes]
_Stamp = tuple[int, int, int, int]

_noted: ContextVar[Files | None] = ContextVar("noted", default=None)

log = structlog.get_logger(__name__)


@contextmanager
def noting() -> Iterator[Files]:
    """Gives the files that are opened while the block runs, in this thread, with what they hold."""
    files: Files = {}
    token = _noted.set(files)
    try:
        yield files
    finally:
        _noted.reset(token)


def note(*places: Path) -> None:
    """Says that these have just been read, and are as they should be."""
    files = _noted.get()
    if files is not None:
        files.update((place, place.read_bytes()) for place in places)


class IndexFiles:
    """What one process has opened, looked after as long as it runs; safe to add to while another thread puts back."""

    def __init__(self, files: Mapping[Path, bytes] | None = None) -> None:
        self._content: Files = dict(files or {})
        self._seen: dict[Path, _Stamp] = {}

    def __len__(self) -> int:
        """How many files are looked after."""
        return len(self._content)

    def add(self, files: Mapping[Path, bytes]) -> None:
        """Looks after these, too."""
        self._content |= files

    def put_back(self) -> int:
        """Writes those anew that are missing or hold something else; gives how many.

        What cannot be written now is for the next time: the disk may be full, and nobody who runs depends on it.
        """
        wrong = [place for place, content in list(self._content.items()) if not self._is_whole(place, content)]
        for place in wrong:
            try:
                write_whole(place, self._content[place])
            except OSError as error:
                log.warning("index_file_not_put_back", file=place.name, error=type(error).__name__)
            else:
                log.warning("index_file_put_back", file=place.name)
        return len(wrong)

    def _is_whole(self, place: Path, content: bytes) -> bool:
        # An index is tens of megabytes: one that nobody has written to since the last look is not read again.
        try:
            stamp = _stamp(place)
            if self._seen.get(place) == stamp:
                return True
            if place.read_bytes() != content:
                return False
        except OSError:
            return False
        self._seen[place] = stamp
        return True


def _stamp(place: Path) -> _Stamp:
    found = place.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
