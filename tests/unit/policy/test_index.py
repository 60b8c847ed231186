from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from bot.policy.embedding import Vectors
from bot.policy.index import open_index
from bot.policy.model import Policy


class CountingEmbedder:
    """Vectors from the texts' bytes: quick, and the same every time."""

    def __init__(self, model_id: str = "counting") -> None:
        self.model_id = model_id
        self.batches = 0
        self.is_loaded = True

    def questions(self, texts: Sequence[str]) -> Vectors:
        self.batches += 1
        seeds = (np.random.default_rng(sum(text.encode()) + 1) for text in texts)
        vectors = np.stack([seed.normal(size=8) for seed in seeds]).astype(np.float32)
        unit: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit

    documents = questions


def test_index_is_built_once_and_then_loaded(tmp_path: Path, policy: Policy) -> None:
    first = CountingEmbedder()
    built = open_index(tmp_path, policy, first)
    again = CountingEmbedder()
    loaded = open_index(tmp_path, policy, again)
    assert (first.batches, again.batches) == (3, 0)
    assert built.release == loaded.release
    assert built.sentences.ntotal == len(policy.sentences)
    assert np.array_equal(built.hub, loaded.hub)


def test_another_model_gets_another_index(tmp_path: Path, policy: Policy) -> None:
    one = open_index(tmp_path, policy, CountingEmbedder("one"))
    two = open_index(tmp_path, policy, CountingEmbedder("two"))
    assert one.release != two.release


def test_a_damaged_index_is_rebuilt(tmp_path: Path, policy: Policy) -> None:
    release = open_index(tmp_path, policy, CountingEmbedder()).release
    for name in ("sentences.faiss", "manifest.json"):
        (tmp_path / release / name).write_bytes(b"torn")
        embedder = CountingEmbedder()
        assert open_index(tmp_path, policy, embedder).release == release
        assert embedder.batches == 3
    assert [place.name for place in tmp_path.iterdir()] == [release]


def test_builders_at_once_end_with_one_whole_index(tmp_path: Path, policy: Policy) -> None:
    with ThreadPoolExecutor(4) as pool:
        opened = list(pool.map(lambda _: open_index(tmp_path, policy, CountingEmbedder()), range(4)))
    assert len({index.release for index in opened}) == 1
    assert len(list(tmp_path.iterdir())) == 1
