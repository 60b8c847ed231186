"""Inquiries that the law wants answered without delay: the matters of 個人情報保護法 32条1項.

A company must make them known, or answer when somebody asks. The patterns are data (`duties.yml`). Erring towards the
flag is harmless, since it only moves an inquiry up in the desk's list; nothing is promised to the member by it.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from pathlib import Path

import yaml

_MATTERS = Path(__file__).with_suffix(".yml")


def matters(text: str) -> list[str]:
    """Names of the matters that a question is about, in the order of the statute."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return [name for name, pattern in _load().items() if pattern.search(folded)]


def is_due_without_delay(text: str) -> bool:
    """Whether a question is about any of them."""
    return bool(matters(text))


@lru_cache(maxsize=1)
def _load() -> dict[str, re.Pattern[str]]:
    rows: dict[str, list[str]] = yaml.safe_load(_MATTERS.read_text(encoding="utf-8"))
    return {name: re.compile("|".join(patterns)) for name, patterns in rows.items()}
