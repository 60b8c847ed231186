"""Is a question a matter for a privacy desk at all? Learned from written examples of any company's members."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
import yaml

from bot.policy.embedding import Embedder, Vectors
from bot.policy.regression import Meaning, fitted, sharpened
from bot.policy.search import Query, joined
from bot.policy.vector_cache import cached_vectors
from bot.policy.wrappers import unwrapped

_FILE = Path(__file__).parent / "data" / "topics.yml"
# Whatever kind of thing they want, these are matters of a desk too.
_KINDS = Path(__file__).parent / "data" / "kinds_of_question.yml"
RIDGE = 0.1


class Topics:
    """Tells matters of a privacy desk from others."""

    def __init__(self, on: Vectors, off: Vectors) -> None:
        self._meaning = Meaning(np.concatenate([on, off]))
        wanted = np.concatenate([np.ones(len(on)), -np.ones(len(off))]).astype(np.float32)
        self._weights = fitted(sharpened(self._meaning.among()), wanted, RIDGE)

    def score(self, query: Query, vectors: Vectors) -> float:
        """Above 0 for a matter of the desk, below for another; the written examples lie near 1 and -1.

        Args:
            query: what is asked.
            vectors: one row for each of `query.variants`.
        """
        return float(sharpened(joined(self._meaning.cosines(vectors), query)) @ self._weights)


@lru_cache(maxsize=2)
def open_topics(folder: Path, embedder: Embedder) -> Topics:
    """The examples of this project; their vectors are made once and kept in `folder`. Opened once a process."""
    rows = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    kinds = yaml.safe_load(_KINDS.read_text(encoding="utf-8"))
    on = [*rows["on"], *(text for texts in kinds.values() for text in texts)]
    vectors = cached_vectors(folder, [unwrapped(text) for text in (*on, *rows["off"])], embedder)
    return Topics(vectors[: len(on)], vectors[len(on) :])
