"""The kinds of message and of request in what a run keeps, as staff read them; files of a run keep the code words."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.console.trying.words import MESSAGE_KINDS
from bot.evaluation.question_sets import Row
from bot.register.kinds import Kind

REQUEST_KINDS = {kind.value: kind.title for kind in Kind}

# What a quote holds are words of the policy or of a case, and stay.
_QUOTE_OR_WORD = re.compile(r"「[^」]*」|[a-z_]+")


def wanted(row: Row) -> str:
    """What a step of a case asks for in a line, what must not come marked with ×."""
    kinds = [MESSAGE_KINDS.get(kind, kind) for kind in row.expects]
    requests = [REQUEST_KINDS.get(kind, kind) for kind in sorted(row.request_kinds)]
    unwanted = [*row.excludes, *((REQUEST_KINDS | MESSAGE_KINDS).get(kind, kind) for kind in row.forbidden)]
    asked = "・".join([*kinds, *row.sections, *row.key_facts, *requests])
    return " ".join([*([asked] if asked else []), *(f"×{words}" for words in unwanted)])


def titled(told: Iterable[str]) -> str:
    """What was expected or wrong (`bot.evaluation.verdicts`) in a line, its code words as titles."""
    return "、".join(map(_titled, told))


def _titled(told: str) -> str:
    # `status` is a kind of both sorts.
    titles = MESSAGE_KINDS | REQUEST_KINDS if told.startswith("請求") else REQUEST_KINDS | MESSAGE_KINDS
    return _QUOTE_OR_WORD.sub(lambda found: titles.get(found[0], found[0]), told)
