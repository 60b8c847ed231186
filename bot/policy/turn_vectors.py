"""One message's embeddings, all in one batch, and how long each stage of its answer took."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from bot.policy.embedding import Embedder, QueryVector, Vectors
from bot.policy.folding import folded
from bot.policy.search import Query
from bot.spans import span


class TurnVectors:
    """Embeds what a message is searched by; its own vector comes from Rasa when model and text agree."""

    def __init__(self, text: str, vector: QueryVector | None, embedder: Embedder) -> None:
        self._text = folded(text)
        self._embedder = embedder
        fits = vector is not None and vector.fits(text, embedder.model_id)
        self._given = vector.vector if vector is not None and fits else None
        self._reason = "absent" if vector is None else "unused" if fits else "unfit"
        self._embedded = 0
        self._stages: dict[str, float] = {}

    def embed(self, queries: Sequence[Query]) -> list[Vectors]:
        """The vectors of each query's variants, in their order."""
        texts = list(dict.fromkeys(text for query in queries for text in query.variants))
        unknown = [text for text in texts if not self._is_given(text)]
        if self._given is not None and not self._embedder.is_loaded:
            # Right after a start the model still loads, which takes seconds. The message's own vector is there, and
            # other wordings of it only refine what it finds: better an answer now.
            unknown = []
        made = self._embedder.questions(unknown) if unknown else np.empty((0, 0), dtype=np.float32)
        self._embedded = len(unknown)
        vectors = dict(zip(unknown, made, strict=True))
        return [np.stack([self._vector(text, vectors) for text in query.variants]) for query in queries]

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Measures one stage; one that comes again, for another question of the message, counts together."""
        start = time.perf_counter()
        with span(f"policy.{stage}"):
            yield
        spent = (time.perf_counter() - start) * 1000
        self._stages[stage] = round(self._stages.get(stage, 0.0) + spent, 2)

    def trace(self) -> dict[str, Any]:
        """Milliseconds a stage, and what was embedded here."""
        return {"ms": self._stages, "embedded": self._embedded, "query_vector": self._reason}

    def _is_given(self, text: str) -> bool:
        return self._given is not None and folded(text) == self._text

    def _vector(self, text: str, made: Mapping[str, Vectors]) -> Vectors:
        if text in made or self._given is None:
            return made[text]
        self._reason = "used"
        return self._given
