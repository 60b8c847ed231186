"""The door of this room: opens a policy for questions, and answers them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from bot.clock import in_tokyo
from bot.policy.answer import Answer, Composer, Finding
from bot.policy.companies import Companies
from bot.policy.context import follows_up, read_topic
from bot.policy.documents import load_policy
from bot.policy.embedding import Embedder, QueryVector, Vectors, embedder_of
from bot.policy.everyday import open_everyday
from bot.policy.folding import folded
from bot.policy.gates import judge
from bot.policy.index import open_index
from bot.policy.lexical import open_analyzer
from bot.policy.model import Policy
from bot.policy.questions import split_questions
from bot.policy.search import Hit, Query, Searcher
from bot.settings import Settings

_TRACED_HITS = 5


def open_assistant(settings: Settings, policy_id: str | None = None, *, corpus: Path | None = None) -> Assistant:
    """Opens the newest version of a policy: text, index (built when missing or stale), words. Slow once.

    Args:
        settings: of this installation.
        policy_id: `controller/policy` or `controller`; the default policy of the settings when None.
        corpus: folder of the policies; that of the settings when None.

    Raises:
        BadInputError: there is no such policy, or it cannot be read.
    """
    policy = load_policy(corpus or settings.corpus_dir, policy_id or settings.default_policy)
    embedder = embedder_of(settings)
    index = open_index(settings.data_dir / "index" / policy.id, policy, embedder)
    searcher = Searcher(policy, index, open_analyzer(), open_everyday())
    return Assistant(searcher, embedder, base_url=settings.public_url)


class Assistant:
    """Answers questions about one version of one policy; safe to share between threads."""

    def __init__(self, searcher: Searcher, embedder: Embedder, *, base_url: str) -> None:
        self._searcher = searcher
        self._embedder = embedder
        self._base_url = base_url
        self._companies = Companies.of(searcher.policy)

    @property
    def policy(self) -> Policy:
        """What is answered from."""
        return self._searcher.policy

    def search(self, question: str, *, vector: QueryVector | None = None) -> list[Hit]:
        """Every passage, best for this question first."""
        turn = _Turn(question, vector, self._embedder)
        query = self._searcher.query(question)
        return self._searcher.search(query, *turn.embed([query]))

    def answer(
        self, question: str, context: Mapping[str, Any] | None, now: datetime, *, vector: QueryVector | None = None
    ) -> Answer:
        """Answers one message by the policy's words, or says honestly that it has none.

        Args:
            question: the member's message as it was typed.
            context: `Answer.context` of the turn before, if any.
            now: this moment.
            vector: what Rasa's featurizer made of the message; used when model and text agree.
        """
        turn = _Turn(question, vector, self._embedder)
        with turn.timed("read"):
            asked = self._read(question, context)
        with turn.timed("embed"):
            vectors = turn.embed([query for _, query in asked])
        with turn.timed("search"):
            findings = [self._find(text, query, v) for (text, query), v in zip(asked, vectors, strict=True)]
        with turn.timed("compose"):
            message, following = Composer(self.policy, self._base_url).compose(findings)
        trace = turn.trace() | self._trace(findings) | {"at": in_tokyo(now).isoformat()}
        return Answer(message, following, trace, findings[0].hits)

    def _read(self, message: str, context: Mapping[str, Any] | None) -> list[tuple[str, Query]]:
        topic = read_topic(context, self.policy)
        leading = topic.words if topic else ""
        asked: list[tuple[str, Query]] = []
        for text in split_questions(message) or [message]:
            query = self._searcher.query(text)
            if leading and follows_up(text, len(query.words)):
                query = self._searcher.query(text, leading)
            asked.append((text, query))
            leading = text
        return asked

    def _find(self, text: str, query: Query, vectors: Vectors) -> Finding:
        hits = self._searcher.search(query, vectors)
        return Finding(text, hits, judge(text, query, hits, self._searcher, self._companies))

    def _trace(self, findings: Sequence[Finding]) -> dict[str, Any]:
        return {
            "model": self._embedder.model_id,
            "index": self._searcher.index.release,
            "questions": [
                {
                    "verdict": finding.verdict.kind,
                    "gates": list(finding.verdict.reasons),
                    "hits": [
                        {"passage": hit.passage.id, "score": round(hit.score, 3)}
                        | {name: round(value, 3) for name, value in hit.parts.items()}
                        for hit in finding.hits[:_TRACED_HITS]
                    ],
                }
                for finding in findings
            ],
        }


class _Turn:
    """One message's embeddings, all in one batch, and how long each stage took."""

    def __init__(self, text: str, vector: QueryVector | None, embedder: Embedder) -> None:
        self._text = folded(text)
        self._embedder = embedder
        fits = vector is not None and vector.fits(text, embedder.model_id)
        self._given = vector.vector if vector is not None and fits else None
        self._reason = "absent" if vector is None else "unused" if fits else "unfit"
        self._embedded = 0
        self._stages: dict[str, float] = {}

    def embed(self, queries: Sequence[Query]) -> list[Vectors]:
        """The vectors of each query's variants; the message's own comes from Rasa when it fits."""
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
        """Measures one stage."""
        start = time.perf_counter()
        yield
        self._stages[stage] = round((time.perf_counter() - start) * 1000, 2)

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
