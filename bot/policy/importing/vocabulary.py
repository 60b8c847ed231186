"""Known words of policies and of the pages around them, read once from `data`."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import yaml

_FOLDER = Path(__file__).parent / "data"


@lru_cache(maxsize=2)
def _rows(name: str) -> dict[str, list[str]]:
    loaded: dict[str, list[str]] = yaml.safe_load((_FOLDER / f"{name}.yml").read_text(encoding="utf-8"))
    return loaded


@lru_cache(maxsize=16)
def heading_words(kind: str) -> re.Pattern[str]:
    """One pattern of `data/headings.yml`: titles, topics, terms, endings or starters."""
    return re.compile("|".join(f"(?:{row})" for row in _rows("headings")[kind]))


@lru_cache(maxsize=16)
def navigation_words(kind: str) -> re.Pattern[str]:
    """One pattern of `data/navigation.yml`: anchors or words, each to be matched as a whole."""
    return re.compile("|".join(f"(?:{row})" for row in _rows("navigation")[kind]))


@lru_cache(maxsize=1)
def menu_separators() -> re.Pattern[str]:
    """What parts the words of a menu."""
    return re.compile(str(_rows("navigation")["separators"]))
