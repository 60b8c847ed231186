"""Strips what only wraps a question: greetings, apologies, feelings, "please tell me"."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

_FILE = Path(__file__).parent / "data" / "wrappers.yml"
_MARKS = r"[\s、。,.!?…・~〜]*"
_ENDS = " 、。,.!?…・~〜"
# A question of which less is left was no question in a wrapper: 「心配です」 alone says what it says.
_SHORTEST = 3


@dataclass(frozen=True)
class _Wrappers:
    opening: re.Pattern[str]
    closing: re.Pattern[str]
    anywhere: re.Pattern[str]


def unwrapped(text: str) -> str:
    """The question alone, NFKC-folded; the text itself when nothing wraps it, or when nearly nothing would be left."""
    whole = unicodedata.normalize("NFKC", text).strip()
    bare = _wrappers().anywhere.sub(" ", whole).strip()
    while (shorter := _once(bare)) != bare and len(shorter) >= _SHORTEST:
        bare = shorter
    return text if len(bare) < _SHORTEST or bare.rstrip(_ENDS) == whole.rstrip(_ENDS) else bare


def _once(text: str) -> str:
    return _wrappers().closing.sub("", _wrappers().opening.sub("", text, count=1), count=1)


@lru_cache(maxsize=1)
def _wrappers() -> _Wrappers:
    rows = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    either = {place: "|".join(f"(?:{row})" for row in rows[place]) for place in rows}
    return _Wrappers(
        opening=re.compile(rf"^{_MARKS}(?:{either['opening']}){_MARKS}"),
        closing=re.compile(rf"{_MARKS}(?:{either['closing']}){_MARKS}$"),
        anywhere=re.compile(either["anywhere"]),
    )
