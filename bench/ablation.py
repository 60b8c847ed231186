"""What each part of the search is worth: `.venv/bin/python -m bench.ablation FILE.tsv…`, question sets of `bench/sets`.

Imports each policy raw into a folder that is thrown away, asks every answerable question that stands alone, and prints
hit@1, hit@3 and MRR of each way to search. A hit is a passage that holds nine tenths of the words that answer.
"""

from __future__ import annotations

import csv
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bot.evaluation.facts import covers
from bot.policy.documents import load_policy
from bot.policy.embedding import BUNDLED, Embedder, open_embedder
from bot.policy.everyday import open_everyday
from bot.policy.importing import import_for_reading
from bot.policy.index import open_index
from bot.policy.lexical import open_analyzer
from bot.policy.model import Passage
from bot.policy.search import Query, Searcher

DEEPEST = 10
EMBEDDER: Embedder = open_embedder(BUNDLED, "", "")


@dataclass(frozen=True)
class Question:
    """One question, the words that answer it, and the searcher of its policy."""

    text: str
    gold: str
    searcher: Searcher


def main(files: list[Path]) -> None:
    """Prints one line for each way to search."""
    with tempfile.TemporaryDirectory() as folder:
        questions = [question for file in files for question in _questions(file, Path(folder))]
    print(f"{len(questions)} questions of {len(files)} files")
    for name, way in WAYS.items():
        ranks = np.array([_rank(question, way(question)) for question in questions])
        mrr = np.where(ranks <= DEEPEST, 1 / ranks, 0).mean()
        print(f"{name:42} hit@1 {(ranks <= 1).mean():.3f}  hit@3 {(ranks <= 3).mean():.3f}  MRR {mrr:.3f}")


def _questions(file: Path, folder: Path) -> Iterator[Question]:
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    searcher = _searcher(file.parent / rows[0]["policy_file"], folder)
    for row in rows:
        if row["kind"] == "qa" and row["answerable"] == "yes":
            yield Question(row["question"], row["gold_span"], searcher)


def _searcher(file: Path, folder: Path) -> Searcher:
    policy = load_policy(folder, import_for_reading(file, folder))
    index = open_index(folder / "index" / policy.id, policy, EMBEDDER)
    return Searcher(policy, index, open_analyzer(), open_everyday())


def _rank(question: Question, passages: list[Passage]) -> int:
    found = (place for place, passage in enumerate(passages, start=1) if covers(question.gold, passage.text))
    return next(found, len(passages) + DEEPEST)


def _by_words(question: Question) -> list[Passage]:
    return _ordered(question, question.searcher.words.scores(open_analyzer().words(question.text)))


def _by_vectors(question: Question) -> list[Passage]:
    return _ordered(question, question.searcher.index.passage_scores(EMBEDDER.questions([question.text]))[0])


def _ordered(question: Question, scores: np.typing.NDArray[np.float32]) -> list[Passage]:
    return [question.searcher.policy.passages[i] for i in np.argsort(-scores, kind="stable")]


def _with(change: Callable[[Query], Query]) -> Callable[[Question], list[Passage]]:
    def search(question: Question) -> list[Passage]:
        query = change(question.searcher.query(question.text))
        return [hit.passage for hit in question.searcher.search(query, EMBEDDER.questions(query.variants))]

    return search


def _as_typed(query: Query) -> Query:
    return replace(query, words=tuple(open_analyzer().words(query.text)), offers=(), bare="")


WAYS: dict[str, Callable[[Question], list[Passage]]] = {
    "BM25 (Sudachi)": _by_words,
    "dense, whole passages": _by_vectors,
    "hybrid": _with(_as_typed),
    "hybrid + readings": _with(lambda query: replace(query, offers=(), bare="")),
    "hybrid + readings + wrappers": _with(lambda query: replace(query, offers=())),
    "hybrid + readings + map": _with(lambda query: replace(query, bare="")),
    "everything": _with(lambda query: query),
}


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]])
