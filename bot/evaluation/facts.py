"""Does a message hold a fact, and does a citation stand at its place? Substrings alone can be fooled."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from bot.policy.folding import folded

# A company's name that goes on is another company: 株式会社EPARK, 株式会社EPARKリラク＆エステ.
_ENDS_IN_COMPANY = re.compile(r"(?:株式会社|有限会社|合同会社)[^、。\s]{1,30}$")
_NAME_GOES_ON = re.compile(r"[ァ-ヶーA-Za-z&]")
# A negation that is itself denied says the opposite.
_NEGATION = re.compile(r"(?:ません|ない|除きます|除く)。?$")
_DENIES_AGAIN = re.compile(r"。?(?:わけでは|とは限|とは言え|ことは?(?:あり|ござい)ません)")


def holds_every(facts: Iterable[str], messages: Iterable[dict[str, Any]]) -> bool:
    """Whether the messages say all of these facts, each within one part."""
    parts = [folded(part["text"]) for message in messages for part in message["parts"]]
    whole = "".join(parts)
    return all(any(_holds(folded(fact), text) for text in (*parts, whole)) for fact in facts)


def stands_at(label: str, gold: Iterable[str]) -> bool:
    """Whether a section label is a gold one or lies below it."""
    return any(label == each or label.startswith(f"{each}-") for each in gold)


def covers(span: str, passage: str) -> bool:
    """Whether a passage holds at least nine tenths of the words that answer."""
    wanted, text = folded(span), folded(passage)
    if wanted in text:
        return True
    least = -(-len(wanted) * 9 // 10)
    return any(wanted[start : start + least] in text for start in range(len(wanted) - least + 1))


def _holds(fact: str, text: str) -> bool:
    return any(_means_it(fact, text[match.end() :]) for match in re.finditer(re.escape(fact), text))


def _means_it(fact: str, after: str) -> bool:
    if _ENDS_IN_COMPANY.search(fact) and _NAME_GOES_ON.match(after):
        return False
    return not (_NEGATION.search(fact) and _DENIES_AGAIN.match(after))
