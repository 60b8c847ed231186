"""Takes contact and identity data and names out of what a member typed, before anything is stored.

Matching looks at a folded copy, so that full-width digits and Japanese dashes do not slip through; what is replaced are
the member's own characters, everything else stays as it was typed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from bot.channels.masking.find import Find
from bot.channels.masking.folding import Folded, fold
from bot.channels.masking.names import SORT, names, surnames_in
from bot.channels.masking.numbers import contact_data

# A sentence that only says who writes, or a name at the end, tells nothing about what is asked.
_INTRODUCTION = re.compile(
    rf"(?:(?<=[。！!\n])|^)(?:(?:私|わたし|僕|俺)は?[、\s]?|(?:お?名前|氏名)は\s?|会員の)?［{SORT}］\s?"
    r"(?:です|と申します|といいます|と言います)(?:けれども|けれど|けど|が)?[。、！!\s]*"
    rf"|\s+［{SORT}］$"
)
_RECEIPT = re.compile(r"K\d{6}-?[0-9A-Z]{4}-?[0-9A-Z]{5}(?![0-9A-Z])", re.IGNORECASE)


@dataclass(frozen=True)
class Masked:
    """A text without contact and identity data, and which sorts of them it had."""

    text: str
    sorts: tuple[str, ...]

    @property
    def asked(self) -> str:
        """The text without the sentence by which a member gives their name, unless nothing else is left.

        「山田太郎です。」 before it made the classifier take 18 of 118 sentences for something else, its mask 21.
        """
        return _INTRODUCTION.sub("", self.text).strip() or self.text


def mask(text: str, *, spared: frozenset[str] = frozenset()) -> Masked:
    """Replaces e-mail addresses, phone, card, My Number and licence numbers, postal codes and names by what they are.

    Numbers and addresses are known by their form. Names are found where the dictionary or the words around them show
    them; some stay (`docs/names.md` has the figures), so nobody may rely on a text being free of them.

    Args:
        text: what the member typed.
        spared: what may stay, as `personal_data` gives it: the addresses and names that the policy itself prints.
    """
    folded = fold(text)
    finds = [find for find in _finds(folded) if _key(folded.dashed[find.start : find.end]) not in spared]
    masked = folded.replaced([(find.start, find.end, f"［{find.sort}］") for find in finds])
    return Masked(masked, tuple(dict.fromkeys(find.sort for find in finds)))


# A release seldom changes the policy's text, and to look through one takes a quarter of a second.
@lru_cache(maxsize=4)
def personal_data(text: str) -> frozenset[str]:
    """Every address, number and name in `text`, in the form in which `mask` compares them; surnames alone too."""
    folded = fold(text)
    finds = _finds(folded)
    names_found = [folded.text[find.start : find.end] for find in finds if find.sort == SORT]
    printed = [folded.dashed[find.start : find.end] for find in finds]
    return frozenset(map(_key, chain(printed, *map(surnames_in, names_found))))


def _key(found: str) -> str:
    return re.sub(r"[\s().-]", "", found).lower() if "@" not in found else re.sub(r"\s", "", found).lower()


def _finds(folded: Folded) -> list[Find]:
    """What to replace, from left to right, none overlapping; what is found earlier wins over what is found later."""
    taken = [match.span() for match in _RECEIPT.finditer(folded.dashed)]
    finds: list[Find] = []
    for find in chain(contact_data(folded.dashed), names(folded.text)):
        if all(find.end <= start or end <= find.start for start, end in taken):
            taken.append((find.start, find.end))
            finds.append(find)
    return sorted(finds, key=lambda find: find.start)
