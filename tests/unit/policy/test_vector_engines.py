"""Every engine that searches vectors finds what an exact search finds, in one company's policy and version alone.

The short form runs with every `make test`; `make prove-engines` asks more, with the bundled model as well.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from bot.policy.embedding import Embedder, Vectors, embedder_of
from bot.policy.everyday import open_everyday
from bot.policy.index import FaissEngine
from bot.policy.lexical import open_analyzer
from bot.policy.model import Policy
from bot.policy.pgvector.engine import PgvectorEngine
from bot.policy.search import Searcher
from bot.policy.vector_search import VectorEngine, engine_of
from bot.settings import Settings
from bot.storage.engine import DatabaseIsAwayError
from tests.support.policy_versions import NEWER, write_newer
from tests.support.small_policy import ID, VERSION
from tests.support.vector_cases import (
    EVERYDAY,
    Exact,
    GramEmbedder,
    companies,
    own_policies,
    questions_of,
    rebuilding,
    search,
    version_of,
)

QUESTIONS = int(os.environ.get("MADOGUCHI_PROOF_QUESTIONS", "60"))
CROSSINGS = int(os.environ.get("MADOGUCHI_PROOF_CROSSINGS", "200"))
COMPANIES = 5
# The bundled model takes a minute to embed every policy anew.
_MODELS = ("grams", "bundled") if "MADOGUCHI_PROOF_QUESTIONS" in os.environ else ("grams",)


@pytest.fixture
def pgvector(vector_database: str) -> Iterator[PgvectorEngine]:
    engine = PgvectorEngine(vector_database, answer_within=60.0)
    yield engine
    engine.close()


@pytest.fixture(params=["faiss", pytest.param("pgvector", marks=pytest.mark.postgres)])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> VectorEngine:
    if request.param == "faiss":
        return FaissEngine(tmp_path / "index")
    found: PgvectorEngine = request.getfixturevalue("pgvector")
    return found


@pytest.fixture(scope="module", params=_MODELS)
def embedder(request: pytest.FixtureRequest) -> Embedder:
    return GramEmbedder() if request.param == "grams" else embedder_of(Settings())


@pytest.fixture(scope="module")
def houses() -> list[Policy]:
    return companies(COMPANIES, 40)


def unit(count: int, seed: int, width: int = 64) -> Vectors:
    rows = np.random.default_rng(seed).normal(size=(count, width)).astype(np.float32)
    unit: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit


def test_the_settings_name_the_engine_and_a_process_has_one(tmp_path: Path) -> None:
    assert engine_of(Settings(index_dir=tmp_path)) == FaissEngine(tmp_path)
    chosen = Settings(vector_engine="pgvector", database_url="postgresql+psycopg://nobody@127.0.0.1:1/none")
    assert isinstance(engine_of(chosen), PgvectorEngine)
    assert engine_of(chosen) is engine_of(chosen)
    with pytest.raises(DatabaseIsAwayError):
        engine_of(chosen).require("company")


def test_scores_are_those_of_an_exact_search(engine: VectorEngine, houses: list[Policy]) -> None:
    index, exact = engine.open(houses[0], GramEmbedder()), Exact.of(houses[0], GramEmbedder())
    for count in (1, 3):
        asked = unit(count, seed=count)
        assert np.allclose(index.sentence_scores(asked), asked @ exact.sentences.T, atol=1e-6)
        assert np.allclose(index.passage_scores(asked), asked @ exact.passages.T, atol=1e-6)
        for rows in (np.array([7, 2, 2, 30]), slice(3, 9), np.arange(len(exact.sentences))):
            assert np.allclose(index.sentence_scores(asked, rows), (asked @ exact.sentences.T)[:, rows], atol=1e-6)


def test_of_nothing_there_is_nothing(engine: VectorEngine, houses: list[Policy]) -> None:
    index = engine.open(houses[0], GramEmbedder())
    assert index.sentence_scores(unit(2, 1), np.array([], dtype=np.int64)).shape == (2, 0)
    assert index.passage_scores(unit(1, 1)[:0]).shape == (0, len(houses[0].passages))


def test_more_than_there_are_is_all_there_are(engine: VectorEngine, houses: list[Policy]) -> None:
    index = engine.open(houses[0], GramEmbedder())
    everything = list(range(len(houses[0].sentences)))
    assert index.nearest_sentences(unit(2, 1), len(everything) + 500).tolist() == everything


def test_of_equals_any_come_and_always_the_same(engine: VectorEngine) -> None:
    [policy] = companies(1, 20, start=30)
    index = engine.open(policy, Repeating())
    asked = Repeating().questions([policy.sentences[4].text])
    like_it = [place for place, score in enumerate(index.sentence_scores(asked)[0]) if score > 0.999]
    assert len(like_it) > 3
    found = [index.nearest_sentences(asked, 3).tolist() for _ in range(5)]
    assert len(found[0]) == 3
    assert set(found[0]) <= set(like_it)
    assert found == [found[0]] * 5


class Repeating(GramEmbedder):
    """Knows four sentences; every other is one of them to it."""

    def __init__(self) -> None:
        super().__init__("四つの文")

    def questions(self, texts: Sequence[str]) -> Vectors:
        return unit(4, seed=4)[[len(text) % 4 for text in texts]]

    documents = questions


def test_the_first_hit_is_the_one_of_an_exact_search(engine: VectorEngine, embedder: Embedder) -> None:
    policies = own_policies()
    asked = questions_of(policies, QUESTIONS)
    vectors = embedder.questions(asked)
    for policy in policies:
        index, exact = engine.open(policy, embedder), Exact.of(policy, embedder)
        agreeing = sum(exact.agrees(index, vectors[place : place + 1]) for place in range(len(asked)))
        assert agreeing == len(asked), policy.id


@pytest.mark.postgres
def test_hits_are_the_same_whichever_engine_searches(pgvector: PgvectorEngine, tmp_path: Path) -> None:
    policy, embedder = own_policies()[0], GramEmbedder()
    in_files, in_rows = FaissEngine(tmp_path).open(policy, embedder), pgvector.open(policy, embedder)
    one, other = (Searcher(policy, index, open_analyzer(), open_everyday()) for index in (in_files, in_rows))
    assert in_files.release == in_rows.release
    assert np.array_equal(in_files.hub, in_rows.hub)
    for text in (*EVERYDAY, *questions_of([policy], 40)):
        query = one.query(text)
        vectors = embedder.questions(query.variants)
        mine, theirs = one.search(query, vectors), other.search(query, vectors)
        assert [hit.passage.id for hit in mine] == [hit.passage.id for hit in theirs]
        assert np.allclose([hit.score for hit in mine], [hit.score for hit in theirs], atol=1e-5)


def test_nothing_of_another_company_is_found_even_while_it_is_indexed_anew(
    engine: VectorEngine, houses: list[Policy]
) -> None:
    embedder = GramEmbedder()
    indexes = [engine.open(policy, embedder) for policy in houses]
    exact = [Exact.of(policy, embedder) for policy in houses]
    foreign = 0
    with rebuilding(houses[1:], engine, embedder) as rounds:
        for number in range(CROSSINGS):
            mine, theirs = number % COMPANIES, (number + 1 + number // COMPANIES % (COMPANIES - 1)) % COMPANIES
            # The very words of another company's policy: its own row would be the nearest by far.
            sentence = exact[theirs].sentences[number * 7 % len(exact[theirs].sentences)]
            foreign += exact[mine].is_foreign(indexes[mine], sentence[np.newaxis])
    assert rounds[0] > 0
    assert foreign == 0


def test_nothing_of_a_version_that_is_not_in_force_is_found(engine: VectorEngine, tmp_path: Path) -> None:
    corpus, embedder = tmp_path / "corpus", GramEmbedder()
    write_newer(corpus)
    first, second = (date.fromisoformat(version) for version in (VERSION, NEWER))
    found = {
        day: search(engine, version_of(corpus, ID, day), "保存期間 受注から10年", embedder, k=50)
        for day in (first, second, first, date(2030, 1, 1))
    }
    assert {version for version, _ in found[first]} == {VERSION}
    assert {version for day in (second, date(2030, 1, 1)) for version, _ in found[day]} == {NEWER}


def test_ids_and_models_may_be_written_in_any_script(engine: VectorEngine, houses: list[Policy]) -> None:
    embedder = GramEmbedder("モデル𠮷|問い： |文書： ")
    first = engine.open(houses[0], embedder)
    again = GramEmbedder("モデル𠮷|問い： |文書： ")
    assert engine.open(houses[0], again).release == first.release
    assert again.batches == 0
