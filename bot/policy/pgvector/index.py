"""Searches the vectors of one policy version in PostgreSQL, by pgvector's own exact inner product.

No approximate index: HNSW looks for neighbours first and keeps to a controller afterwards, so that one of many brands
gets a handful of its rows or none. A policy has some hundreds of vectors, and the primary key leads to them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import structlog
from pgvector.sqlalchemy import VECTOR
from sqlalchemy import REAL, ColumnElement, Engine, cast, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from bot.errors import UnavailableError
from bot.policy.embedding import Vectors
from bot.policy.pgvector.models import StoredVector, Unit
from bot.policy.vector_search import EVERY, Rows
from bot.storage.engine import reading

Vector = npt.NDArray[np.float32]
Columns = Sequence[Sequence[float]]

log = structlog.get_logger(__name__)


class VectorsAreGoneError(UnavailableError):
    """Vectors that were there are not, and could not be put back."""


@dataclass(frozen=True)
class Key:
    """Where an index lies: the release is a digest of policy, version, model and texts, and so names all of them.

    The controller stands beside it, so that no row of another company can be meant.
    """

    controller: str
    release: str

    def rows(self, unit: Unit) -> tuple[ColumnElement[bool], ...]:
        """The vectors of the sentences, or of the passages."""
        mine = StoredVector.controller == self.controller, StoredVector.release == self.release
        return (*mine, StoredVector.unit == unit)


@dataclass(frozen=True)
class PgvectorIndex:
    """`bot.policy.vector_search.VectorIndex` says what each method gives.

    It holds no vectors; those that somebody removed while it was in use are made again by `rebuild`.
    """

    key: Key
    hub: Vectors
    passages: int
    engine: Engine
    rebuild: Callable[[], None]
    _rebuilding: threading.Lock = field(default_factory=threading.Lock)

    @property
    def release(self) -> str:
        """The digest that names it."""
        return self.key.release

    def sentence_scores(self, questions: Vectors, rows: Rows | slice = EVERY) -> Vectors:
        """One query, whatever the number of questions.

        Raises:
            VectorsAreGoneError: the rows are not there.
            DatabaseIsAwayError: the database does not answer.
        """
        return self._scores("sentence", questions, _places(len(self.hub), rows))

    def passage_scores(self, questions: Vectors, rows: Rows | slice = EVERY) -> Vectors:
        """As for sentences."""
        return self._scores("passage", questions, _places(self.passages, rows))

    def nearest_sentences(self, questions: Vectors, count: int) -> Rows:
        """One query by the questions' mean; of those equally near the first in the policy."""
        wanted = min(count, len(self.hub))
        if not wanted:
            return np.empty(0, dtype=np.int64)
        middle = questions.mean(axis=0)
        [places] = self._complete(wanted, lambda: self._nearest(middle, wanted))
        return np.sort(np.array(places, dtype=np.int64))

    def _nearest(self, question: Vector, count: int) -> Columns:
        query = select(StoredVector.place).where(*self.key.rows("sentence"))
        with reading(self.engine) as session:
            return [session.scalars(query.order_by(_distance(question), StoredVector.place).limit(count)).all()]

    def _scores(self, unit: Unit, questions: Vectors, places: Rows) -> Vectors:
        if not len(places) or not len(questions):
            return np.zeros((len(questions), len(places)), dtype=np.float32)
        wanted = np.unique(places)
        _, *columns = self._complete(len(wanted), lambda: self._columns(unit, questions, wanted))
        scores = np.array(columns, dtype=np.float32)
        same: Vectors = scores[:, np.searchsorted(wanted, places)]
        return same

    def _columns(self, unit: Unit, questions: Vectors, places: Rows) -> Columns:
        """Places in order, and for each question its scores in the same order."""
        columns = [StoredVector.place, *(cast(-_distance(question), REAL) for question in questions)]
        query = select(*(func.array_agg(aggregate_order_by(column, StoredVector.place)) for column in columns))
        query = query.where(*self.key.rows(unit))
        if len(places) < self._count(unit):
            query = query.where(StoredVector.place.in_(places.tolist()))
        with reading(self.engine) as session:
            return [column or () for column in session.execute(query).one()]

    def _count(self, unit: Unit) -> int:
        return len(self.hub) if unit == "sentence" else self.passages

    def _complete(self, wanted: int, ask: Callable[[], Columns]) -> Columns:
        """What was asked for, all of it; made again first when something is missing."""
        found = ask()
        if len(found[0]) == wanted:
            return found
        log.warning("policy_vectors_gone", release=self.release)
        with self._rebuilding:
            if len((found := ask())[0]) != wanted:
                self.rebuild()
                found = ask()
        if len(found[0]) != wanted:
            raise VectorsAreGoneError(f"the vectors of {self.release} are not there")
        return found


def _distance(question: Vector) -> ColumnElement[float]:
    """How far a stored unit vector is from this one: the negative of their cosine."""
    distance: ColumnElement[float] = cast(StoredVector.vector, VECTOR).max_inner_product(question)
    return distance


def _places(count: int, rows: Rows | slice) -> Rows:
    return np.arange(count)[rows]
