"""Lines that are items of a list though no markup says so."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from bot.policy.importing.lines import Line
from bot.policy.importing.titles import folded, is_sentence

_BULLET = re.compile(r"(?:[・•‣·*＊○●◎◆◇■□▶✓✔]|[-‐–—−](?=\s*[^\s\d\-]))")
_KEYED = re.compile(r"[^：:。、「」]{1,20}[：:]\s*\S")
_ANNOUNCED = re.compile(r"次の|次に|以下|下記|つぎの|とおり|通り")
# Items that close alike; a full stop after them makes no sentence of them.
_ALIKE = tuple(
    re.compile(rf"(?:{ending})[。.]?(?:[(（][^()（）]*[)）])?$")
    for ending in ("ため|為", "こと|事", "場合|とき|時", "もの")
)
_FEWEST = 2
_LONGEST_ANNOUNCED = 60
_LONGEST_ALIKE = 200


def items_among(lines: Sequence[Line], text: str, lead_in: str) -> tuple[int, bool]:
    """How many lines from the first on are items, and whether that is a guess.

    Args:
        lines: of one section, in order.
        text: of the document.
        lead_in: the paragraph before them, empty when something else stands there.
    """
    lines = lines[: _block_length(lines, text)]
    words = [text[line.start : line.end] for line in lines]
    if _BULLET.match(words[0]):
        return 1, False
    keyed = _leading([not line.hint and is_keyed(said) for line, said in zip(lines, words, strict=True)])
    if keyed >= _FEWEST:
        return keyed, False
    guessed = max(_alike(words), _short(lines, words, lead_in))
    return (guessed, True) if guessed >= _FEWEST else (0, False)


def _block_length(lines: Sequence[Line], text: str) -> int:
    """How many lines stand together: up to a gap that is wider than the first one."""
    gaps = [text.count("\n", before.end, after.start) for before, after in pairwise(lines)]
    return next((place for place, gap in enumerate(gaps, start=1) if gap > gaps[0]), len(lines))


def is_keyed(words: str) -> bool:
    """Whether a line is a fact after its name: 電話：000-0000."""
    return _KEYED.match(words) is not None


def _leading(hold: Sequence[bool]) -> int:
    return next((place for place, holds in enumerate(hold) if not holds), len(hold))


def _alike(words: Sequence[str]) -> int:
    """Lines that all end in …のため, or all in …の場合."""
    short = [len(said) <= _LONGEST_ALIKE and said.count("。") <= 1 for said in words]
    return max(
        _leading([fits and ending.search(folded(said)) is not None for fits, said in zip(short, words, strict=True)])
        for ending in _ALIKE
    )


def _short(lines: Sequence[Line], words: Sequence[str], lead_in: str) -> int:
    """Words that are no sentences: in a flattened page, or below a sentence that announces them."""
    is_announced = is_sentence(lead_in) and _ANNOUNCED.search(lead_in) is not None
    return _leading(
        [
            (not is_sentence(said) or (line.is_flat and is_keyed(said)))
            and (line.is_flat or (is_announced and len(said) <= _LONGEST_ANNOUNCED))
            for line, said in zip(lines, words, strict=True)
        ]
    )
