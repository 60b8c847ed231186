"""Writing a file so that whoever reads it finds a whole one or none."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def write_whole(place: Path, content: bytes) -> None:
    """Writes beside the place and renames into it; the folder is made when it is missing.

    Raises:
        OSError: it could not be written; nothing is left behind.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    with written_beside(place, content) as scratch:
        scratch.replace(place)


@contextmanager
def written_beside(place: Path, content: bytes, *, outlives_power: bool = False) -> Iterator[Path]:
    """A file of this content in the folder of the place, for whoever names it; if nobody does, it goes.

    Args:
        place: where the file is to stand in the end.
        content: all of it.
        outlives_power: whether it has reached the disk before it is given out, which takes a while.

    Raises:
        OSError: it could not be written; nothing is left behind.
    """
    handle, name = tempfile.mkstemp(prefix=".writing-", dir=place.parent)
    scratch = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            if outlives_power:
                file.flush()
                os.fsync(file.fileno())
        yield scratch
    finally:
        scratch.unlink(missing_ok=True)


def reach_disk(path: Path) -> None:
    """Waits until a file, or the names in a folder, survive a crash of the machine.

    Raises:
        OSError: it is not there, or the disk refuses.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
