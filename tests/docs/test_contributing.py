"""The tour through the project leads to files that are there, and names the common changes."""

from __future__ import annotations

import re

import pytest

from tests.support.source_tree import ROOT

_PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
_PATH = re.compile(r"`((?:[a-z_]+/)+[\w.-]*|[a-z_]+\.(?:yml|toml|py))`")
_TOUR = re.findall(r"^\| (.+) \| (.+) \| (.+) \|$", _PAGE[_PAGE.index("## A tour") :], re.MULTILINE)
_CHANGES = [row for row in _TOUR if row[0] not in {"change", "---"}]


def test_every_file_it_names_is_there() -> None:
    named = set(_PATH.findall(_PAGE))

    assert len(named) > 60
    assert sorted(path for path in named if not (ROOT / path).exists() and path != "models.py") == []


@pytest.mark.parametrize("change", _CHANGES, ids=lambda change: change[0])
def test_every_change_begins_at_a_place_that_is_there(change: tuple[str, str, str]) -> None:
    _, write, _ = change

    assert _PATH.search(write) or re.search(r"`(bot/\w+/<\w+>/|MADOGUCHI_)", write)


def test_it_goes_through_the_common_changes() -> None:
    assert len(_CHANGES) >= 20
