"""What searches the vectors of a policy version: one interface, and the engine behind it that the settings name.

Both engines are exact and keep to one controller, policy and version: FAISS in the memory of each process, from files;
or pgvector in the PostgreSQL that the register lies in. Which to take, and why only vectors move: docs/decisions.md.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from bot.policy.embedding import Embedder, Vectors

if TYPE_CHECKING:
    from bot.policy.model import Policy
    from bot.settings import Settings

Rows = npt.NDArray[np.int64]
EVERY = slice(None)


class VectorIndex(Protocol):
    """Searches the vectors of one version of one policy; safe to share between threads."""

    @property
    def release(self) -> str:
        """Digest of everything the vectors depend on; the same on every engine."""

    @property
    def hub(self) -> Vectors:
        """What each sentence scores on generic questions, on average."""

    def sentence_scores(self, questions: Vectors, rows: Rows | slice = EVERY) -> Vectors:
        """Cosine of sentences (columns, in the policy's order) with every question (rows)."""

    def passage_scores(self, questions: Vectors, rows: Rows | slice = EVERY) -> Vectors:
        """Cosine of passages with every question."""

    def nearest_sentences(self, questions: Vectors, count: int) -> Rows:
        """Places of the `count` sentences nearest to the questions on average, in the order of the policy.

        Wordings of one question lie close together. Their mean finds what is near to any of them in one pass over
        the vectors, and a pass is what a search among many of them costs. Of sentences that are equally near, any.
        """


class VectorEngine(Protocol):
    """Keeps the vectors of policies."""

    def require(self, controller: str) -> None:
        """Makes sure that the engine can be used for this company's policies.

        Raises:
            BadInputError: as the installation is set up, it cannot.
            UnavailableError: what it keeps vectors in does not answer, so that nobody can tell.
        """

    def open(self, policy: Policy, embedder: Embedder) -> VectorIndex:
        """The index of this policy, model and code; built when there is none, or what is there is damaged.

        Raises:
            BadInputError: the engine cannot be used as the installation is set up.
            UnavailableError: what it keeps them in does not answer.
        """


def engine_of(settings: Settings) -> VectorEngine:
    """The engine that the settings name."""
    if settings.vector_engine == "pgvector":
        return _pgvector(settings.database_url, settings.action_deadline)
    from bot.policy.index import FaissEngine  # noqa: PLC0415 - only who chose it loads it

    return FaissEngine(settings.index_dir)


@lru_cache(maxsize=2)
def _pgvector(url: str, answer_within: float) -> VectorEngine:
    """One a process, as are its connections: a policy is opened anew with every release."""
    from bot.policy.pgvector.engine import PgvectorEngine  # noqa: PLC0415 - as above

    return PgvectorEngine(url, answer_within=answer_within)
