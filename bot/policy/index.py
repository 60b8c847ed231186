"""The vectors of a policy version in FAISS: files on disk, and exact search in the memory of each process.

An index lives in a folder named by the digest of its manifest. It is written beside its place and renamed into it,
so a reader sees a whole index or none, and processes that build at once end with one of them: the contents are equal.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import faiss
import numpy as np
import structlog

from bot.policy.embedding import Embedder, Vectors
from bot.policy.index_content import content_of, manifest_of, release_of
from bot.policy.index_files import note
from bot.policy.model import Policy
from bot.policy.vector_search import EVERY, Rows

_SENTENCES, _PASSAGES, _MANIFEST = "sentences.faiss", "passages.faiss", "manifest.json"

log = structlog.get_logger(__name__)


class _IndexIsDamagedError(Exception):
    """A stored index does not hold what its manifest says."""


@dataclass(frozen=True)
class FlatIndex:
    """Searches one policy version; `bot.policy.vector_search.VectorIndex` says what each method gives."""

    release: str
    sentences: faiss.IndexFlat
    passages: faiss.IndexFlat
    hub: Vectors

    def sentence_scores(self, questions: Vectors, rows: Rows | slice = EVERY) -> Vectors:
        """One product of matrices."""
        return questions @ _stored(self.sentences)[rows].T

    def passage_scores(self, questions: Vectors, rows: Rows | slice = EVERY) -> Vectors:
        """As for sentences."""
        return questions @ _stored(self.passages)[rows].T

    def nearest_sentences(self, questions: Vectors, count: int) -> Rows:
        """One search by the questions' mean."""
        middle = questions.mean(axis=0, keepdims=True)
        _, places = self.sentences.search(np.ascontiguousarray(middle), min(count, self.sentences.ntotal))
        found: Rows = np.unique(places)
        return found


@dataclass(frozen=True)
class FaissEngine:
    """Keeps each policy's indexes in a folder of its own below `root`."""

    root: Path

    def require(self, controller: str) -> None:
        """Files need nothing: their folder is made with the first of them."""

    def open(self, policy: Policy, embedder: Embedder) -> FlatIndex:
        """Loads the index, or builds it first."""
        return open_index(self.root / policy.id, policy, embedder)


def index_of(sentences: Vectors, passages: Vectors, hub: Vectors | None = None) -> FlatIndex:
    """An index of ready unit vectors, held in memory only: one row a sentence, one row a passage, in their order.

    Args:
        sentences: as many rows as the policy has sentences.
        passages: as many rows as the policy has passages.
        hub: what each sentence scores on generic questions; nothing is subtracted when None.
    """
    none = np.zeros(len(sentences), dtype=np.float32)
    return FlatIndex("given", _flat(sentences), _flat(passages), none if hub is None else hub)


def open_index(folder: Path, policy: Policy, embedder: Embedder) -> FlatIndex:
    """Loads the index of this policy, model and code, or builds it when there is none or it is damaged.

    Args:
        folder: where the indexes of this policy lie; created when missing.
        policy: what is searched.
        embedder: what the questions will be embedded with.
    """
    manifest = manifest_of(policy, embedder)
    release = release_of(manifest)
    place = folder / release
    try:
        return _load(place, release)
    except FileNotFoundError:
        log.info("policy_index_missing", policy=policy.id, version=policy.version, release=release)
    except (_IndexIsDamagedError, OSError, ValueError, KeyError, RuntimeError) as error:
        log.warning("policy_index_damaged", policy=policy.id, release=release, error=type(error).__name__)
        _move_aside(place)
    _build(place, manifest, policy, embedder)
    log.info("policy_index_built", policy=policy.id, version=policy.version, release=release)
    return _load(place, release)


def _build(place: Path, manifest: dict[str, Any], policy: Policy, embedder: Embedder) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=".building-", dir=place.parent))
    try:
        content = content_of(policy, embedder)
        faiss.write_index(_flat(content.sentences), str(scratch / _SENTENCES))
        faiss.write_index(_flat(content.passages), str(scratch / _PASSAGES))
        files = {name: _digest_of_file(scratch / name) for name in (_SENTENCES, _PASSAGES)}
        stored = manifest | {"files": files, "hub": [float(value) for value in content.hub]}
        (scratch / _MANIFEST).write_text(json.dumps(stored, ensure_ascii=False, indent=1), encoding="utf-8")
        _put(scratch, place)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _put(scratch: Path, place: Path) -> None:
    try:
        scratch.rename(place)
    except OSError:
        # Another process put the same index there first; a folder with files in it is never replaced.
        if not (place / _MANIFEST).exists():
            raise


def _move_aside(place: Path) -> None:
    grave = Path(tempfile.mkdtemp(prefix=".damaged-", dir=place.parent))
    with contextlib.suppress(FileNotFoundError):  # another process moved it first
        place.rename(grave / place.name)
    shutil.rmtree(grave, ignore_errors=True)


def _load(place: Path, release: str) -> FlatIndex:
    stored = json.loads((place / _MANIFEST).read_text(encoding="utf-8"))
    for name, digest in stored["files"].items():
        if _digest_of_file(place / name) != digest:
            raise _IndexIsDamagedError(name)
    opened = FlatIndex(
        release=release,
        sentences=_read(place / _SENTENCES),
        passages=_read(place / _PASSAGES),
        hub=np.asarray(stored["hub"], dtype=np.float32),
    )
    note(*(place / name for name in (_SENTENCES, _PASSAGES, _MANIFEST)))
    return opened


def _flat(vectors: Vectors) -> faiss.IndexFlat:
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(np.ascontiguousarray(vectors, dtype=np.float32))
    return index


def _read(path: Path) -> faiss.IndexFlat:
    return cast(faiss.IndexFlat, faiss.read_index(str(path)))


def _stored(index: faiss.IndexFlat) -> Vectors:
    """The vectors of a flat index where they lie, not copied."""
    rows: Vectors = faiss.rev_swig_ptr(index.get_xb(), index.ntotal * index.d).reshape(index.ntotal, index.d)
    return rows


def _digest_of_file(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
