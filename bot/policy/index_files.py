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


def put_back(files: Mapping[Path, bytes]) -> int:
    """Writes those anew that are missing or hold something else; gives how many.

    What cannot be written now is for the next time: the disk may be full, and nobody who runs depends on it.
    """
    wrong = [place for place, content in files.items() if not _holds(place, content)]
    for place in wrong:
        try:
            write_whole(place, files[place])
        except OSError as error:
            log.warning("index_file_not_put_back", file=place.name, error=type(error).__name__)
        else:
            log.warning("index_file_put_back", file=place.name)
    return len(wrong)


def _holds(place: Path, content: bytes) -> bool:
    try:
        return place.read_bytes() == content
    except OSError:
        return False
