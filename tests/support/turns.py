"""Work that two workers would otherwise do both, at the same time and for the same result."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock

_FOLDER = Path(__file__).parents[2] / "var" / "tests"


@contextmanager
def one_at_a_time(work: str) -> Iterator[None]:
    """Waits until no other worker is at this work; it then finds the result of whoever was first."""
    _FOLDER.mkdir(parents=True, exist_ok=True)
    with FileLock(_FOLDER / f"{work}.lock"):
        yield
