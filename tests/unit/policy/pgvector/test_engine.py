"""Vectors in PostgreSQL: written whole or not at all, found damaged, made again, kept to their company."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from sqlalchemy import Engine, func, select, text

from bot.errors import BadInputError
from bot.policy.embedding import Vectors
from bot.policy.model import Policy
from bot.policy.pgvector import keeping
from bot.policy.pgvector.engine import PgvectorEngine, PgvectorIsMissingError
from bot.policy.pgvector.index import Key, VectorsAreGoneError
from bot.policy.pgvector.models import StoredIndex, StoredVector
from bot.settings import Settings
from bot.storage.engine import open_engine
from bot.storage.walls import EVERY
from tests.support.pgvector import make_database, url_of
from tests.support.vector_cases import GramEmbedder, companies

pytestmark = pytest.mark.postgres


@pytest.fixture
def policy(request: pytest.FixtureRequest) -> Policy:
    """A company for each test, so that all can share one database."""
    made = companies(1, 12)[0]
    return replace(made, id=f"c{abs(hash(request.node.name)) % 10**9}/privacy")


@pytest.fixture
def pgvector(vector_database: str) -> Iterator[PgvectorEngine]:
    engine = PgvectorEngine(vector_database, answer_within=60.0)
    yield engine
    engine.close()


@pytest.fixture
def database(vector_database: str) -> Iterator[Engine]:
    engine = open_engine(vector_database, controller=EVERY)
    yield engine
    engine.dispose()


def change(database: Engine, statement: str, policy: Policy) -> int:
    with database.begin() as connection:
        done = connection.execute(text(statement), {"c": policy.id.partition("/")[0]})
        return done.rowcount


def count(database: Engine, table: type[StoredIndex | StoredVector], policy: Policy) -> int:
    with database.connect() as connection:
        query = select(func.count()).select_from(table).where(table.controller == policy.id.partition("/")[0])
        return connection.scalar(query) or 0


def test_it_is_built_once_and_found_again(pgvector: PgvectorEngine, policy: Policy, database: Engine) -> None:
    first, again = GramEmbedder(), GramEmbedder()
    built, found = pgvector.open(policy, first), pgvector.open(policy, again)
    assert (first.batches, again.batches) == (3, 0)
    assert np.array_equal(built.hub, found.hub)
    assert count(database, StoredVector, policy) == len(policy.sentences) + len(policy.passages)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE vector_row SET vector[3] = vector[3] + 0.001 WHERE controller = :c AND place = 4",
        "DELETE FROM vector_row WHERE controller = :c AND place = 4",
        "UPDATE vector_index SET hub[1] = 9 WHERE controller = :c",
        "DELETE FROM vector_index WHERE controller = :c",
    ],
)
def test_what_is_damaged_is_made_again(pgvector: PgvectorEngine, policy: Policy, database: Engine, damage: str) -> None:
    asked = GramEmbedder().questions(["予約の記録"])
    before = pgvector.open(policy, GramEmbedder()).sentence_scores(asked)
    assert change(database, damage, policy)
    embedder = GramEmbedder()
    opened = pgvector.open(policy, embedder)
    assert embedder.batches == 3
    assert np.array_equal(opened.sentence_scores(asked), before)


def test_what_goes_while_it_is_in_use_is_made_again(pgvector: PgvectorEngine, policy: Policy, database: Engine) -> None:
    embedder = GramEmbedder()
    index, asked = pgvector.open(policy, embedder), embedder.questions(["予約の記録"])
    before = index.sentence_scores(asked), index.nearest_sentences(asked, 5)
    for look in (lambda: index.sentence_scores(asked), lambda: index.nearest_sentences(asked, 5)):
        change(database, "DELETE FROM vector_index WHERE controller = :c", policy)
        look()
    assert np.array_equal(index.sentence_scores(asked), before[0])
    assert np.array_equal(index.nearest_sentences(asked, 5), before[1])


def test_what_cannot_be_made_again_is_no_answer(pgvector: PgvectorEngine, policy: Policy, database: Engine) -> None:
    index = replace(pgvector.open(policy, GramEmbedder()), rebuild=lambda: None)
    change(database, "DELETE FROM vector_row WHERE controller = :c AND place = 1", policy)
    with pytest.raises(VectorsAreGoneError):
        index.sentence_scores(GramEmbedder().questions(["予約の記録"]))


def test_an_index_that_could_not_be_finished_is_not_there(
    pgvector: PgvectorEngine, policy: Policy, database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_given: object) -> None:
        raise RuntimeError("in the middle")

    monkeypatch.setattr(keeping, "_forget_oldest", fails)
    with pytest.raises(RuntimeError, match="in the middle"):
        pgvector.open(policy, GramEmbedder())
    assert [count(database, table, policy) for table in (StoredIndex, StoredVector)] == [0, 0]


def test_builders_at_once_end_with_one_index(pgvector: PgvectorEngine, policy: Policy, database: Engine) -> None:
    together = threading.Barrier(4)

    class Meeting(GramEmbedder):
        """All embed before any stores."""

        def questions(self, texts: Sequence[str]) -> Vectors:
            if self.batches == 0:
                together.wait(60)
            return super().questions(texts)

        documents = questions

    with ThreadPoolExecutor(4) as pool:
        opened = list(pool.map(lambda _: pgvector.open(policy, Meeting()), range(4)))
    assert len({index.release for index in opened}) == 1
    assert count(database, StoredIndex, policy) == 1


def test_of_what_was_replaced_the_newest_stay(pgvector: PgvectorEngine, policy: Policy, database: Engine) -> None:
    other = replace(policy, version="2027-04-01")
    pgvector.open(other, GramEmbedder())
    for number in range(5):
        pgvector.open(replace(policy, sha256=str(number)), GramEmbedder())
    assert count(database, StoredIndex, policy) == 3 + 1
    newest = GramEmbedder()
    pgvector.open(replace(policy, sha256="4"), newest)
    pgvector.open(other, newest)
    assert newest.batches == 0


def test_a_digest_under_another_company_finds_nothing(pgvector: PgvectorEngine, policy: Policy) -> None:
    index = pgvector.open(policy, GramEmbedder())
    stolen = replace(index, key=Key("somebody-else", index.release), rebuild=lambda: None)
    with pytest.raises(VectorsAreGoneError):
        stolen.nearest_sentences(GramEmbedder().questions(["予約の記録"]), 5)


def test_a_database_without_the_extension_is_told_clearly(vector_server: str, policy: Policy) -> None:
    make_database(vector_server, "plain", extension=False)
    engine = PgvectorEngine(url_of(vector_server, "plain"), answer_within=60.0)
    for use in (lambda: engine.require("c"), lambda: engine.open(policy, GramEmbedder())):
        with pytest.raises(PgvectorIsMissingError, match="CREATE EXTENSION vector"):
            use()


def test_another_database_than_postgresql_is_told_clearly() -> None:
    with pytest.raises(ValueError, match="MADOGUCHI_VECTOR_ENGINE=pgvector needs PostgreSQL"):
        Settings(vector_engine="pgvector", database_url="sqlite:///x.db")
    assert issubclass(PgvectorIsMissingError, BadInputError)
