"""Which tests `make test-fast` leaves out: those that need something dear.

It is seen by what they ask for: a database, a browser, the policy's models; and by their module, when that can start a
process. What computes for seconds says so: `pytest.mark.dear`.
"""

from __future__ import annotations

from collections.abc import Iterable

import pytest

_FIXTURES = frozenset(
    {"sqlite_template", "database_url", "empty_database_url", "postgres_url", "chromium", "assistant", "reader"}
)
# What `make check` runs, and what lives through faults in real time.
_FOLDERS = ("tests/docs/", "tests/faults/")
_MARKS = frozenset({"stack", "browser", "postgres"})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        starts_processes = hasattr(getattr(item, "module", None), "subprocess")
        marks = (mark.name for mark in item.iter_markers())
        if starts_processes or item.nodeid.startswith(_FOLDERS) or is_dear(getattr(item, "fixturenames", ()), marks):
            item.add_marker(pytest.mark.dear)


def is_dear(fixtures: Iterable[str], marks: Iterable[str]) -> bool:
    """Whether what a test asks for, and what it says of itself, takes it out of the fast ones."""
    return not _FIXTURES.isdisjoint(fixtures) or not _MARKS.isdisjoint(marks)
