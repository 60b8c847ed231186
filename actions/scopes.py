"""Which data a member's words name: the desk's own titles and everyday words for them (scopes.yml)."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from pathlib import Path

import yaml

from bot.desk import Desk

_WORDS = Path(__file__).with_suffix(".yml")
# What may stand around a name without making the text a question or a new wish.
_FILLER = re.compile(
    r"(について|に関して|のこと|です|でお願いします|お願いします|だけ|だよ|かな|を|の|に|は|が|[\s、。！!])+"
)

_EVERYTHING = frozenset(
    {"全部", "ぜんぶ", "すべて", "全て", "全部の情報", "わからない", "わからない・全部", "分からない", "わかりません"}
)


def mentioned(text: str, desk: Desk) -> str | None:
    """The one scope whose words occur in `text`; None when there is none, or several."""
    folded = _fold(text)
    found = {title for title in _titles(desk) if any(word in folded for word in _words_for(title))}
    return found.pop() if len(found) == 1 else None


def named(text: str, desk: Desk) -> str | None:
    """The one scope that `text` consists of, apart from fillers: an answer, not a sentence that mentions it."""
    title = mentioned(text, desk)
    if title is None:
        return None
    rest = _fold(text)
    for word in sorted(_words_for(title), key=len, reverse=True):
        rest = rest.replace(word, "")
    return title if not _FILLER.sub("", rest) else None


def is_everything(text: str) -> bool:
    """Whether `text` says nothing but that everything is meant, or that one does not know."""
    return _FILLER.sub("", _fold(text)) in _EVERYTHING


def _titles(desk: Desk) -> list[str]:
    return [scope.title for scope in desk.scopes]


def _words_for(title: str) -> tuple[str, ...]:
    return (_fold(title), *(_fold(word) for word in _everyday_words().get(title, ())))


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


@lru_cache(maxsize=1)
def _everyday_words() -> dict[str, list[str]]:
    words: dict[str, list[str]] = yaml.safe_load(_WORDS.read_text(encoding="utf-8"))
    return words
