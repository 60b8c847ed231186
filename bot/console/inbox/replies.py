"""Ready-made beginnings of replies, in the words of the policy and the desk file; what they lack is not offered."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter

from bot.desk import Desk

PLACEHOLDER = "【ここに"
"""How the places begin that staff have to fill in."""

_FILE = Path(__file__).with_suffix(".yml")


class ReadyMade(BaseModel):
    """One beginning of a reply; `needs` names the fact without which it says nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    title: str
    text: str
    needs: str = ""


def ready_made(desk: Desk) -> tuple[ReadyMade, ...]:
    """What this desk can begin with, its facts filled in."""
    facts = dict(_facts(desk))
    return tuple(
        each.model_copy(update={"text": each.text.replace(f"{{{each.needs}}}", facts.get(each.needs, ""))})
        for each in _load()
        if not each.needs or each.needs in facts
    )


def _facts(desk: Desk) -> Iterator[tuple[str, str]]:
    # The policy names the desk for everything else after its own one, with or without an address.
    other = next((entry for entry in desk.desks if entry.id == "membership"), None)
    if other is not None:
        yield "other_desk", other.quote
    if "rights" in desk.quotes:
        yield "rights", desk.quotes["rights"]


@lru_cache(maxsize=1)
def _load() -> tuple[ReadyMade, ...]:
    return TypeAdapter(tuple[ReadyMade, ...]).validate_python(yaml.safe_load(_FILE.read_text(encoding="utf-8")))
