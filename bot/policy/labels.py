"""Labels and shown names of sections, from the numbers that the policy prints.

The rule: printed numbers, NFKC-folded, outer to inner, joined by "-"; a heading without a number gives its words; text
of an outermost section that has headings below it is "<n>-0"; a label that stood before gets "~2", "~3" …
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

_KANJI = "一二三四五六七八九十百"
_PRINTED_NUMBER = re.compile(
    rf"""\s*(?:
        【\s*(?P<corner>\d+)\s*】
      | (?P<article>第\s*[\d{_KANJI}]+\s*[条章節項編])
      | (?P<round>[(（]\s*(?:\d+|[{_KANJI}]+|[a-zA-Z]|[ア-ンｱ-ﾝ])\s*[)）])
      | (?P<circled>[①-⑳])
      | (?P<dotted>\d+(?:\s*[.．\-－]\s*\d+)+)(?!\d)\s*[.．、]?
      | (?P<plain>[\dⅠ-Ⅻ]+)\s*(?:[.．、:：)）]|(?=\s))
      | (?P<kanji>[{_KANJI}]+)\s*[.．、:：]
      | (?P<letter>[A-Za-zＡ-Ｚａ-ｚア-ンｱ-ﾝ])\s*[.．、:：)）](?![A-Za-z\d])
    )\s*""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class Heading:
    """A heading taken apart: the number as it is printed, the number as labels say it, and the words."""

    printed: str
    number: str
    words: str

    @property
    def shown(self) -> str:
        """The heading as a member reads it."""
        return f"{self.printed}{self.words}"

    @property
    def label(self) -> str:
        """Its share of a section label."""
        return self.number or slug(self.words)


def read_heading(text: str) -> Heading:
    """Takes a heading apart; white space inside is folded to single spaces, characters stay as printed."""
    folded = " ".join(text.split())
    match = _PRINTED_NUMBER.match(folded)
    if match is None:
        return Heading("", "", folded)
    number = "".join(unicodedata.normalize("NFKC", match[match.lastgroup or 0]).split())
    return Heading(match[0], number, folded[match.end() :])


def slug(words: str) -> str:
    """Words as a label says them: NFKC, no white space, so that a label can be an anchor of a page."""
    return "_".join(unicodedata.normalize("NFKC", words).split())


def shown_name(outer: list[Heading], own: Heading) -> str:
    """What a member is shown for a section: the outer numbers and its heading.

    A heading that is only a number says nothing alone; it is shown after the whole heading above it.
    """
    if own.words or not outer:
        return "".join(heading.printed.strip() for heading in outer) + own.shown
    return f"{shown_name(outer[:-1], outer[-1])} {own.shown.strip()}"


def chapter_of(label: str) -> str:
    """The two outermost levels of a section label: what belongs together in a policy."""
    return "-".join(label.split("-")[:2])


def numbered_apart(labels: Iterable[str]) -> list[str]:
    """The labels in order, with "~2", "~3" … where one stood before; also where a heading itself ends so."""
    seen: Counter[str] = Counter()
    apart: list[str] = []
    given: set[str] = set()
    for label in labels:
        seen[label] += 1
        while (numbered := label if seen[label] == 1 else f"{label}~{seen[label]}") in given:
            seen[label] += 1
        given.add(numbered)
        apart.append(numbered)
    return apart
