"""An index whose files are damaged or removed while a process has it open."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.policy.index import open_index
from bot.policy.index_files import IndexFiles, noting
from bot.policy.model import Policy
from bot.policy.vector_cache import cached_vectors
from tests.unit.policy.test_index import CountingEmbedder


def test_whatever_was_opened_is_put_back(tmp_path: Path, policy: Policy) -> None:
    with noting() as files:
        index = open_index(tmp_path / "index", policy, CountingEmbedder())
        vectors = cached_vectors(tmp_path, ["質問"], CountingEmbedder())
    assert len(files) == 4
    damaged, removed = tmp_path / "index" / index.release / "sentences.faiss", next(tmp_path.glob("*.npz"))
    damaged.write_bytes(b"torn")
    removed.unlink()

    kept = IndexFiles(files)
    assert kept.put_back() == 2
    assert kept.put_back() == 0
    embedder = CountingEmbedder()
    assert open_index(tmp_path / "index", policy, embedder).release == index.release
    assert (cached_vectors(tmp_path, ["質問"], embedder) == vectors).all()
    assert embedder.batches == 0


def test_a_folder_that_is_gone_comes_back_too(tmp_path: Path, policy: Policy) -> None:
    with noting() as files:
        open_index(tmp_path / "index", policy, CountingEmbedder())
    kept = IndexFiles()
    kept.add(files)
    shutil.rmtree(tmp_path / "index")
    assert kept.put_back() == 3
    assert kept.put_back() == 0


def test_what_cannot_be_written_is_left_for_the_next_time(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_bytes(b"")
    kept = IndexFiles({in_the_way / "index": b"content", tmp_path / "other": b"content"})
    assert kept.put_back() == 2
    assert (tmp_path / "other").read_bytes() == b"content"


def test_damage_of_the_same_length_that_comes_later_is_seen(tmp_path: Path) -> None:
    place = tmp_path / "index"
    place.write_bytes(b"content")
    kept = IndexFiles({place: b"content"})
    assert kept.put_back() == 0
    place.write_bytes(b"CONTENT")
    assert kept.put_back() == 1
    assert place.read_bytes() == b"content"


def test_a_file_that_nobody_touched_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "index"
    place.write_bytes(b"content")
    kept = IndexFiles({place: b"content"})
    assert kept.put_back() == 0

    def unwanted(path: Path) -> bytes:
        raise AssertionError(path)

    monkeypatch.setattr(Path, "read_bytes", unwanted)
    assert kept.put_back() == 0
