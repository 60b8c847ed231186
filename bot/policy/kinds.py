"""What kind of thing a question wants, learned from written examples: a wish has too many wordings for a list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import yaml

from bot.policy.embedding import Embedder, Vectors
from bot.policy.regression import Meaning, fitted, sharpened
from bot.policy.search import Query, joined
from bot.policy.vector_cache import cached_vectors
from bot.policy.wrappers import unwrapped

_FILE = Path(__file__).parent / "data" / "kinds_of_question.yml"
RIDGE = 0.3


class Kinds:
    """Tells how much a question wants each kind of thing; `names` are the kinds."""

    def __init__(self, kinds: Sequence[str], vectors: Vectors) -> None:
        self.names = tuple(dict.fromkeys(kinds))
        self._meaning = Meaning(vectors)
        wanted = np.zeros((len(kinds), len(self.names)), dtype=np.float32)
        for row, kind in enumerate(kinds):
            wanted[row, self.names.index(kind)] = 1
        self._weights = fitted(sharpened(self._meaning.among()), wanted, RIDGE)

    def wanted(self, query: Query, vectors: Vectors) -> Mapping[str, float]:
        """For each kind how much it is wanted: near 1 for a written example, near 0 for anything else.

        Args:
            query: what is asked.
            vectors: one row for each of `query.variants`.
        """
        scores = sharpened(joined(self._meaning.cosines(vectors), query)) @ self._weights
        return {name: max(float(score), 0.0) for name, score in zip(self.names, scores, strict=True)}


@lru_cache(maxsize=2)
def open_kinds(folder: Path, embedder: Embedder) -> Kinds:
    """The examples of this project; their vectors are made once and kept in `folder`. Opened once a process."""
    rows: dict[str, list[str]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    examples = [(unwrapped(text), kind) for kind, texts in rows.items() for text in texts]
    return Kinds([kind for _, kind in examples], cached_vectors(folder, [text for text, _ in examples], embedder))
