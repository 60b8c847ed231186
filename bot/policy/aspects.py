"""Which side of a matter a question is about: what data is used for, or whom it is given to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from bot.policy.folding import folded
from bot.policy.model import Passage

_FILE = Path(__file__).parent / "data" / "aspects.yml"


@dataclass(frozen=True)
class Aspect:
    """One side; see the head of `data/aspects.yml` for the fields."""

    name: str
    asks: re.Pattern[str]
    speaks: re.Pattern[str]


@lru_cache(maxsize=1)
def open_aspects() -> tuple[Aspect, ...]:
    """Every aspect, read once."""
    rows = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return tuple(Aspect(row["name"], re.compile(row["asks"]), re.compile(row["speaks"])) for row in rows)


def asked_in(question: str) -> tuple[Aspect, ...]:
    """The aspects a question names; most name none or one."""
    text = folded(question)
    return tuple(aspect for aspect in open_aspects() if aspect.asks.search(text))


def speaks_of(passage: Passage, aspect: Aspect) -> bool:
    """Whether a passage speaks of the aspect, in its heading or in its words."""
    return aspect.speaks.search(folded(f"{passage.heading} {passage.text}")) is not None
