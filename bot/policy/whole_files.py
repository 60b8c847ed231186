"""Writing a file so that whoever reads it finds a whole one or none."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_whole(place: Path, content: bytes) -> None:
    """Writes beside the place and renames into it; the folder is made when it is missing.

    Raises:
        OSError: it could not be written; nothing is left behind.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".writing-", dir=place.parent)
    scratch = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        scratch.replace(place)
    finally:
        scratch.unlink(missing_ok=True)
