"""Which tests run on one worker, one after the other, when `make test` spreads them over the cores.

pytest-xdist gives a whole group to one worker, the groups in the order of the collection (`--no-loadscope-reorder`).
Everything stays with its module, so that what a module prepares is prepared once. The folders below are each one
group, because what their tests share is dear or must not run twice at the same time:

- The product and the conversations start real processes and time out where an answer takes too long: one Rasa at a
  time, and it is trained once.
- The browser tests share a Chromium. Those of the console come last: they need the index, which the other worker makes
  meanwhile.

What takes longest comes first, these groups and then single modules; at the end it would keep one worker and leave the
other idle. A run without workers keeps the order and knows no groups.

The groups are told to the scheduler, not marked with `xdist_group`: with pytest 9.2 those marks are silently without
effect (pytest-xdist issue 1386), and where they have one they change the names of the tests.
"""

from __future__ import annotations

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

_OF_FOLDERS = {"product": "processes", "conversation": "processes", "browser": "browser"}
_FIRST = ("processes", "browser", "tests/faults/", "tests/unit/test_components.py", "tests/unit/policy/")
_LAST_OF_BROWSER = "tests/browser/console/"


class GroupScheduling(LoadFileScheduling):
    """`--dist loadfile`, with whole folders for some of the files."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> GroupScheduling | None:
    return GroupScheduling(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: (_rank(group_of(item.nodeid)), item.nodeid.startswith(_LAST_OF_BROWSER)))


def group_of(nodeid: str) -> str:
    """The group of a test: `tests/<folder>/…/<module>.py::<name>`."""
    module = nodeid.partition("::")[0]
    return _OF_FOLDERS.get(module.split("/")[1], module)


def _rank(group: str) -> int:
    return next((place for place, first in enumerate(_FIRST) if group.startswith(first)), len(_FIRST))
