"""The engine that keeps vectors in PostgreSQL: finds the index of a policy version, or has it built."""

from __future__ import annotations

import threading

import numpy as np
import structlog
from sqlalchemy import Engine, text

from bot.errors import BadInputError
from bot.policy.embedding import Embedder
from bot.policy.index_content import content_of, manifest_of, release_of
from bot.policy.model import Policy
from bot.policy.pgvector.index import Key, PgvectorIndex
from bot.policy.pgvector.keeping import find, keep
from bot.storage.engine import open_engine, reading

_EXTENSION = "SELECT count(*) FROM pg_extension WHERE extname = 'vector'"

log = structlog.get_logger(__name__)


class PgvectorIsMissingError(BadInputError):
    """The database has no such extension; only a superuser of the server can add it."""


class PgvectorEngine:
    """Keeps every policy's indexes in the database of this address; one a process is enough."""

    def __init__(self, url: str, *, answer_within: float) -> None:
        """Takes the register's address, a PostgreSQL's, and how many seconds a statement may take."""
        self._url, self._answer_within = url, answer_within
        self._lock = threading.Lock()
        self._connections: dict[str, Engine] = {}

    def require(self, controller: str) -> None:
        """Makes sure that the database is there and has the extension.

        Raises:
            PgvectorIsMissingError: it cannot search vectors.
            DatabaseIsAwayError: it does not answer.
        """
        self._connected(controller)

    def open(self, policy: Policy, embedder: Embedder) -> PgvectorIndex:
        """Finds the index, or builds it first; every vector is read once, to see that it is the one that was made.

        Raises:
            PgvectorIsMissingError: the database cannot search vectors.
            DatabaseIsAwayError: it does not answer.
        """
        manifest = manifest_of(policy, embedder)
        key = Key(policy.id.partition("/")[0], release_of(manifest))
        engine = self._connected(key.controller)

        def build() -> None:
            # Embedding takes its time, and no transaction is open meanwhile.
            keep(engine, key, manifest, content_of(policy, embedder))
            log.info("policy_index_built", policy=policy.id, version=policy.version, release=key.release)

        stored = find(engine, key)
        if stored is None:
            log.info("policy_index_missing", policy=policy.id, version=policy.version, release=key.release)
            build()
            stored = find(engine, key)
        if stored is None:
            raise RuntimeError(f"the vectors of {policy.id} are not those that were written a moment ago")
        return PgvectorIndex(key, np.asarray(stored.hub, dtype=np.float32), stored.passages, engine, build)

    def close(self) -> None:
        """Closes the connections."""
        with self._lock:
            for engine in self._connections.values():
                engine.dispose()
            self._connections.clear()

    def _connected(self, controller: str) -> Engine:
        """The connections for the vectors of one company, which no other company's pass through."""
        with self._lock:
            if controller not in self._connections:
                engine = open_engine(self._url, controller=controller, answer_within=self._answer_within)
                _require_extension(engine)
                self._connections[controller] = engine
            return self._connections[controller]


def _require_extension(engine: Engine) -> None:
    with reading(engine) as session:
        if session.scalar(text(_EXTENSION)):
            return
    engine.dispose()
    raise PgvectorIsMissingError(
        "MADOGUCHI_VECTOR_ENGINE=pgvector, and the database has no extension vector: install pgvector on its server, "
        "and let a superuser run CREATE EXTENSION vector in it"
    )
