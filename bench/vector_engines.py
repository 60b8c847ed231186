"""Times both engines of vectors on policies of three sizes: `python -m bench.vector_engines`.

The same vectors (384 random numbers each, as many as the bundled model gives: what they say costs nothing) in FAISS and
in pgvector, on a PostgreSQL that this command starts; the same ten questions of two wordings each, ready embedded.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np
import psutil
from sqlalchemy import text

from bench.document import text_table
from bench.questions import QUESTIONS
from bench.synthetic import clauses, passages_of, policy_of
from bot import settings
from bot.evaluation.measures import percentile
from bot.policy.embedding import Vectors
from bot.policy.everyday import open_everyday
from bot.policy.index import FaissEngine
from bot.policy.lexical import open_analyzer
from bot.policy.pgvector.engine import PgvectorEngine
from bot.policy.pgvector.index import PgvectorIndex
from bot.policy.search import Searcher
from bot.policy.vector_search import VectorEngine, VectorIndex
from tests.support.pgvector import make_database, url_of, vector_programs
from tests.support.postgres import run_server

SIZES = (50, 500, 5_000)
ROUNDS = 20
HEAD = (
    "passages",
    "engine",
    "vectors least / p50 / p95",
    "whole search least / p50 / p95",
    "CPU here + server",
    "build s",
    "open ms",
)
_WIDTH = 384
_T = TypeVar("_T")


class _Random:
    """Unit vectors that depend on nothing but the number of texts."""

    model_id = "random"
    is_loaded = True

    def questions(self, texts: Sequence[str]) -> Vectors:
        """As many as there are texts."""
        rows = np.random.default_rng(len(texts)).normal(size=(len(texts), _WIDTH)).astype(np.float32)
        unit: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return unit

    documents = questions


def main() -> None:
    """Measures, and prints a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder, _pgvector() as pgvector:
        rows = [
            row
            for count in SIZES
            for name, engine in (("faiss", FaissEngine(Path(folder))), ("pgvector", pgvector))
            for row in [[f"{count:,}", name, *_measured(engine, count, rounds)]]
        ]
    print(text_table(HEAD, rows))


@contextmanager
def _pgvector() -> Iterator[PgvectorEngine]:
    programs = vector_programs()
    if programs is None:
        raise SystemExit("no PostgreSQL with pgvector is here: requirements/dev.txt has a package of one")
    with run_server(programs, durable=True) as server:
        make_database(server, "bench")
        engine = PgvectorEngine(url_of(server, "bench"), answer_within=600.0)
        try:
            yield engine
        finally:
            engine.close()


def _measured(engine: VectorEngine, count: int, rounds: int) -> list[str]:
    policy = policy_of(passages_of(clauses(settings.load().corpus_dir), count))
    policy = replace(policy, id=f"bench-{count}/privacy", version="2026-01-01")
    _, built = _timed(lambda: engine.open(policy, _Random()))
    index, opened = _timed(lambda: engine.open(policy, _Random()))
    searcher = Searcher(policy, index, open_analyzer(), open_everyday())
    asked = [(query, _Random().questions(query.variants)) for query in map(searcher.query, QUESTIONS)] * rounds
    alone = [_timed(lambda: _vectors(searcher, vectors))[1] for _, vectors in asked]  # noqa: B023 - called at once
    here, there = time.thread_time(), _server_seconds(index)
    whole = [_timed(lambda: searcher.search(query, vectors))[1] for query, vectors in asked]  # noqa: B023 - as above
    used = time.thread_time() - here, _server_seconds(index) - there
    cpu = " + ".join(f"{seconds * 1000 / len(asked):.1f}" for seconds in used)
    return [_spread(alone), _spread(whole), cpu, f"{built / 1000:.1f}", f"{opened:.0f}"]


def _server_seconds(index: VectorIndex) -> float:
    """What the server's process behind the one connection has worked since it began."""
    if not isinstance(index, PgvectorIndex):
        return 0.0
    with index.engine.connect() as connection:
        pid = connection.scalar(text("SELECT pg_backend_pid()"))
    used = psutil.Process(pid).cpu_times()
    return float(used.user + used.system)


def _vectors(searcher: Searcher, vectors: Vectors) -> None:
    """What a search asks of the index, among so few passages that all are weighed."""
    searcher.index.sentence_scores(vectors)
    searcher.index.passage_scores(vectors)


def _timed(work: Callable[[], _T]) -> tuple[_T, float]:
    begun = time.perf_counter()
    return work(), (time.perf_counter() - begun) * 1000


def _spread(samples: list[float]) -> str:
    samples.sort()
    return f"{samples[0]:.2f} / {percentile(samples, 0.5):.2f} / {percentile(samples, 0.95):.2f}"


if __name__ == "__main__":
    main()
