from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from bot.policy.embedding import Vectors
from bot.policy.vector_cache import cached_vectors


class Counting:
    """An embedder whose vector of a text is made of its length; it counts what it is asked."""

    model_id = "counting"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def questions(self, texts: Sequence[str]) -> Vectors:
        self.asked += texts
        return np.array([[len(text), hash(text) % 97] for text in texts], dtype=np.float32)


def vectors(folder: Path, questions: list[str], embedder: Counting) -> Vectors:
    return cached_vectors(folder, questions, embedder)  # type: ignore[arg-type]  # as much of one as is used


def test_a_list_is_embedded_once(tmp_path: Path) -> None:
    embedder = Counting()
    first = vectors(tmp_path, ["開示", "手数料は"], embedder)
    again = vectors(tmp_path, ["開示", "手数料は"], embedder)

    assert embedder.asked == ["開示", "手数料は"]
    assert np.array_equal(first, again)


def test_a_changed_list_embeds_what_is_new_and_keeps_the_order(tmp_path: Path) -> None:
    embedder = Counting()
    vectors(tmp_path, ["一", "二二", "三三三"], embedder)
    embedder.asked.clear()

    changed = vectors(tmp_path, ["三三三", "新しい質問", "一"], embedder)

    assert embedder.asked == ["新しい質問"]
    assert changed[:, 0].tolist() == [3, 5, 1]


def test_another_models_vectors_are_not_taken(tmp_path: Path) -> None:
    vectors(tmp_path, ["一"], Counting())
    other = Counting()
    other.model_id = "other"
    vectors(tmp_path, ["一"], other)

    assert other.asked == ["一"]


@pytest.mark.parametrize("damage", [b"", b"no archive", b"PK\x03\x04broken"])
def test_a_damaged_file_is_made_anew(tmp_path: Path, damage: bytes) -> None:
    embedder = Counting()
    first = vectors(tmp_path, ["一", "二"], embedder)
    (file,) = tmp_path.glob("*.npz")
    file.write_bytes(damage)

    assert np.array_equal(vectors(tmp_path, ["一", "二"], embedder), first)


def test_files_of_old_lists_do_not_pile_up(tmp_path: Path) -> None:
    embedder = Counting()
    for number in range(50):
        vectors(tmp_path, [f"質問{number}"], embedder)

    assert len(list(tmp_path.glob("*.npz"))) <= 32


def test_no_questions_need_no_file(tmp_path: Path) -> None:
    assert vectors(tmp_path, [], Counting()).size == 0
    assert not list(tmp_path.iterdir())
