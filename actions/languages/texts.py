"""The fixed texts of each language, and what its words mean for the Japanese policy; read from the files beside it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from bot.register.kinds import Kind

CODES = ("en", "zh-hans", "zh-hant", "ko", "vi", "pt")
_FOLDER = Path(__file__).parent
_MOST_TOPICS = 2
# Words for these stand in many questions about something else.
_WIDE = frozenset({"desk", "company"})


@dataclass(frozen=True)
class Language:
    """One language file.

    Attributes:
        reply: what this desk is, and that requests can be opened below.
        quotes: leads to quotes of the policy.
        missing: the policy does not say it, the desk can be asked.
        request: the steps that follow are in Japanese, nothing is filed yet.
        choices: titles of the buttons by kind.
        greetings: short texts that are this language although they are no sentence.
        topics: what members ask about, by the names of topics.yml, in its order.
    """

    reply: str
    quotes: str
    missing: str
    request: str
    choices: dict[Kind, str]
    greetings: re.Pattern[str]
    topics: tuple[tuple[str, re.Pattern[str]], ...]

    def topics_of(self, text: str) -> list[str]:
        """The Japanese questions that stand for what a text (see `plain`) asks; the first two of the list."""
        named = [name for name, pattern in self.topics if pattern.search(text)]
        narrow = [name for name in named if name not in _WIDE]
        return [open_topics()[name] for name in (narrow or named)[:_MOST_TOPICS]]


@lru_cache(maxsize=len(CODES))
def open_language(code: str) -> Language:
    """The texts of one of `CODES`, read once."""
    rows = yaml.safe_load((_FOLDER / f"{code}.yml").read_text(encoding="utf-8"))
    return Language(
        **rows["texts"],
        choices={Kind(kind): title for kind, title in rows["choices"].items()},
        greetings=re.compile(rows["greetings"]),
        topics=tuple((name, re.compile(rows["topics"][name])) for name in open_topics()),
    )


@lru_cache(maxsize=1)
def open_topics() -> dict[str, str]:
    """The Japanese question of every topic."""
    topics: dict[str, str] = yaml.safe_load((_FOLDER / "topics.yml").read_text(encoding="utf-8"))
    return topics
