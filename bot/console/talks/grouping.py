"""Questions that nothing answers, grouped by what they mean.

A question that clearly belongs to a card or a known gap goes with the others of that owner: the regression behind it
(`bot.policy.known`) finds the owner of a paraphrase far oftener than its vector alone finds another paraphrase. The
others are put together by their vectors, without what all questions have in common, and only when they are very much
alike: a group that mixes two questions costs staff more than two groups of one question.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.cluster.hierarchy import fcluster, linkage

from bot.policy.embedding import Vectors
from bot.policy.gates import KNOWN

APART = 0.6
"""Questions further apart than this (1 - cosine, on average) are not one group.

The number was set by hand. `bench/grouping.py` measures it and others on the 1,864 wordings of the first policy's cards
and gaps, without the regression: of the pairs put together 9% belong together at 0.6, 27% at 0.4, where hardly any two
wordings meet any more (4% of those that belong together, 11% at 0.6). Meaning alone does not tell cards apart; hence
the owner comes first.
"""


@dataclass(frozen=True)
class Asked:
    """One question as it is grouped.

    Attributes:
        id: of the line that answered.
        sort: questions of different sorts are never put together.
        owner: the card or gap that came nearest when it was answered, if any was looked at.
        likeness: how likely it is one of that owner's, about 0 to 1.
    """

    id: str
    sort: str
    owner: str | None
    likeness: float


@dataclass(frozen=True)
class Grouped:
    """Questions of one meaning, the most typical first, with how near each is to their middle.

    Attributes:
        members: pairs of a question's id and its nearness.
        nearest: the card or gap that most of them came nearest to.
        likeness: how near they came on average.
    """

    members: tuple[tuple[str, float], ...]
    nearest: str | None
    likeness: float


def group(questions: Sequence[Asked], vectors: Vectors, common: Vectors) -> list[Grouped]:
    """The groups, the largest first.

    Args:
        questions: what was asked.
        vectors: one row a question.
        common: what all questions have in common: the mean of many.
    """
    directions = _directions(vectors - common)
    groups = [_grouped([questions[i] for i in rows], directions[rows]) for rows in _rows(questions, directions)]
    return sorted(groups, key=lambda each: (-len(each.members), each.members[0][0]))


def _rows(questions: Sequence[Asked], directions: Vectors) -> list[list[int]]:
    owned: dict[tuple[str, str], list[int]] = defaultdict(list)
    others: dict[str, list[int]] = defaultdict(list)
    for row, asked in enumerate(questions):
        if asked.owner is not None and asked.likeness >= KNOWN:
            owned[asked.sort, asked.owner].append(row)
        else:
            others[asked.sort].append(row)
    return [*owned.values(), *(part for rows in others.values() for part in _alike(rows, directions[rows]))]


def _alike(rows: Sequence[int], directions: Vectors) -> list[list[int]]:
    if len(rows) == 1:
        return [list(rows)]
    # In double precision a cosine of equal vectors is not above 1, which `linkage` would refuse.
    tree = linkage(np.clip(1 - _pairs(directions), 0, 2), "average")
    parts: dict[int, list[int]] = defaultdict(list)
    for row, label in zip(rows, fcluster(tree, APART, "distance"), strict=True):
        parts[int(label)].append(row)
    return list(parts.values())


def _pairs(directions: Vectors) -> npt.NDArray[np.float64]:
    """The cosines above the diagonal, row by row."""
    cosines: npt.NDArray[np.float64] = (directions.astype(np.float64) @ directions.T)[
        np.triu_indices(len(directions), 1)
    ]
    return cosines


def _grouped(members: Sequence[Asked], directions: Vectors) -> Grouped:
    nearness = directions @ _directions(directions.mean(axis=0, keepdims=True))[0]
    order = np.argsort(-nearness, kind="stable")
    owners = Counter(asked.owner for asked in members if asked.owner is not None)
    nearest = owners.most_common(1)[0][0] if owners else None
    scores = [asked.likeness for asked in members if asked.owner == nearest]
    return Grouped(
        tuple((members[i].id, float(nearness[i])) for i in order),
        nearest,
        float(np.mean(scores)) if nearest is not None else 0.0,
    )


def _directions(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: Vectors = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
    return scaled
