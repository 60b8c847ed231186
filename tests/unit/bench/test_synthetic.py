from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bench.synthetic import SENTENCES_EACH, Synthetic, embedded, passages_of, policy_of
from bot.policy.embedding import Vectors
from bot.policy.model import Passage, Sentence

PIECES = [f"句{number}" for number in range(20)]


class CountingEmbedder:
    """Gives each text a vector of its own, and counts the texts."""

    def __init__(self) -> None:
        self.texts = 0

    def __call__(self, texts: Sequence[str]) -> Vectors:
        self.texts += len(texts)
        return np.array([[len(text), self.texts] for text in texts], dtype=np.float32)


def test_the_same_passages_come_every_time_and_no_sentence_twice() -> None:
    made = passages_of(PIECES, 300)
    assert made == passages_of(PIECES, 300)
    sentences = [sentence for passage in made for sentence in passage]
    assert len(set(sentences)) == len(sentences) == 300 * SENTENCES_EACH


def test_a_policy_holds_them_at_their_places() -> None:
    policy = policy_of(passages_of(PIECES, 5))
    assert len(policy.passages) == 5
    units: list[Passage | Sentence] = [*policy.passages, *policy.sentences]
    for unit in units:
        assert policy.text[unit.start : unit.end] == unit.text


def test_what_was_embedded_is_not_embedded_again(tmp_path: Path) -> None:
    embed = CountingEmbedder()
    texts = [f"文{number}" for number in range(600)]
    first = embedded(texts, embed, folder=tmp_path, name="model")
    next(iter(tmp_path.glob("*/000250.npy"))).unlink()
    again = embedded(texts, embed, folder=tmp_path, name="model")
    assert embed.texts == 600 + 250
    assert (first[:250] == again[:250]).all()
    embedded(texts, embed, folder=tmp_path, name="another model")
    assert embed.texts == 2 * 600 + 250


def test_multiplied_vectors_are_units_near_their_origin_and_no_two_alike() -> None:
    dice = np.random.default_rng(1)
    vectors = dice.standard_normal((10, 384), dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    many = Synthetic([("a", "b")] * 5, vectors, vectors[:5]).multiplied(3)
    assert len(many.passages) == len(many.passage_vectors) == 15
    assert np.allclose(np.linalg.norm(many.sentence_vectors, axis=1), 1, atol=1e-5)
    assert (np.sum(many.sentence_vectors * np.tile(vectors, (3, 1)), axis=1) > 0.95).all()
    assert len(np.unique(many.sentence_vectors, axis=0)) == 30
