"""What the bench asks: the questions of the sets that one may look at while building, each another one.

The sets are about other companies' policies, as members of those would ask. Most of their matters stand in the first
policy, too; for the rest the search has to find out that they do not.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

_SETS = Path(__file__).parents[1] / "sets"
# The company's name in a question is not what is timed, and the order is the same in every run.
_SEED = 7


def questions() -> list[str]:
    """Every question of their tuning halves once, in an order of chance that is always the same."""
    found: dict[str, None] = {}
    for path in sorted(_SETS.glob("*/tune.tsv")):
        with path.open(encoding="utf-8", newline="") as file:
            found |= {row["question"]: None for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)}
    shuffled = list(found)
    random.Random(_SEED).shuffle(shuffled)  # noqa: S311 - an order, no secret
    return shuffled


def endless() -> Iterator[str]:
    """The questions one after the other; from the beginning again once all were asked."""
    return cycle(questions())
