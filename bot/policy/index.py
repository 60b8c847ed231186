"""Exact vector search over the sentences and passages of one policy version, kept on disk.

An index lives in a folder named by the digest of its manifest. It is written beside its place and renamed into it,
so a reader sees a whole index or none, and processes that build at once end with one of them: the contents are equal.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import faiss
import numpy as np
import numpy.typing as npt
import structlog
import yaml

from bot.policy.embedding import Embedder, Vectors
from bot.policy.index_files import note
from bot.policy.model import Passage, Policy, Sentence

CODE_VERSION = 1
"""Raise it when the same policy and model would give other vectors."""

_DATA = Path(__file__).parent / "data"
Rows = npt.NDArray[np.int64]
_EVERY = slice(None)
_SENTENCES, _PASSAGES, _MANIFEST = "sentences.faiss", "passages.faiss", "manifest.json"

log = structlog.get_logger(__name__)


class _IndexIsDamagedError(Exception):
    """A stored index does not hold what its manifest says."""


@dataclass(frozen=True)
class VectorIndex:
    """Searches one policy version.

    Attributes:
        release: digest of everything the vectors depend on.
        hub: what each sentence scores on generic questions, on average.
    """

    release: str
    sentences: faiss.IndexFlat
    passages: faiss.IndexFlat
    hub: Vectors

    def sentence_scores(self, questions: Vectors, rows: Rows | slice = _EVERY) -> Vectors:
        """Cosine of sentences (columns, in the policy's order) with every question (rows)."""
        return questions @ _stored(self.sentences)[rows].T

    def passage_scores(self, questions: Vectors, rows: Rows | slice = _EVERY) -> Vectors:
        """Cosine of passages with every question."""
        return questions @ _stored(self.passages)[rows].T

    def nearest_sentences(self, questions: Vectors, count: int) -> Rows:
        """Places of the `count` sentences nearest to the questions on average, in the order of the policy.

        Wordings of one question lie close together. Their mean finds what is near to any of them in one pass over
        the vectors, and a pass is what a search among many of them costs.
        """
        middle = questions.mean(axis=0, keepdims=True)
        _, places = self.sentences.search(np.ascontiguousarray(middle), min(count, self.sentences.ntotal))
        found: Rows = np.unique(places)
        return found


def index_of(sentences: Vectors, passages: Vectors, hub: Vectors | None = None) -> VectorIndex:
    """An index of ready unit vectors, held in memory only: one row a sentence, one row a passage, in their order.

    Args:
        sentences: as many rows as the policy has sentences.
        passages: as many rows as the policy has passages.
        hub: what each sentence scores on generic questions; nothing is subtracted when None.
    """
    none = np.zeros(len(sentences), dtype=np.float32)
    return VectorIndex("given", _flat(sentences), _flat(passages), none if hub is None else hub)


def open_index(folder: Path, policy: Policy, embedder: Embedder) -> VectorIndex:
    """Loads the index of this policy, model and code, or builds it when there is none or it is damaged.

    Args:
        folder: where the indexes of this policy lie; created when missing.
        policy: what is searched.
        embedder: what the questions will be embedded with.
    """
    manifest = _manifest(policy, embedder)
    release = _digest(json.dumps(manifest, sort_keys=True))[:16]
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


def embedded_text(sentence: Sentence, passage: Passage) -> str:
    """What is embedded for a sentence: in a row or a definition, its key stands before it.

    The cells of a table are alike in every row; only the key tells 「返金処理のため」 of one row from another's.
    """
    key = passage.sentences[0]
    return sentence.text if key.role != "key" or sentence is key else f"{key.text} {sentence.text}"


def _manifest(policy: Policy, embedder: Embedder) -> dict[str, Any]:
    # The digest of the units stands for the Markdown and for the parser: whichever of them changes what is
    # embedded changes it, and a change that leaves the units alone needs no new vectors.
    units = [[p.id, p.text, *(embedded_text(s, p) for s in p.sentences)] for p in policy.passages]
    return {
        "code": CODE_VERSION,
        "model": embedder.model_id,
        "policy": policy.id,
        "version": policy.version,
        "source_sha256": policy.sha256,
        "units_sha256": _digest(json.dumps(units, ensure_ascii=False)),
        "generic_sha256": _digest(json.dumps(_generic_questions(), ensure_ascii=False)),
    }


def _build(place: Path, manifest: dict[str, Any], policy: Policy, embedder: Embedder) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=".building-", dir=place.parent))
    try:
        texts = [embedded_text(sentence, passage) for passage in policy.passages for sentence in passage.sentences]
        sentences = embedder.documents(texts)
        faiss.write_index(_flat(sentences), str(scratch / _SENTENCES))
        passages = embedder.documents([passage.text for passage in policy.passages])
        faiss.write_index(_flat(passages), str(scratch / _PASSAGES))
        files = {name: _digest_of_file(scratch / name) for name in (_SENTENCES, _PASSAGES)}
        hub = _hub(sentences, embedder)
        stored = manifest | {"files": files, "hub": [float(value) for value in hub]}
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


def _load(place: Path, release: str) -> VectorIndex:
    stored = json.loads((place / _MANIFEST).read_text(encoding="utf-8"))
    for name, digest in stored["files"].items():
        if _digest_of_file(place / name) != digest:
            raise _IndexIsDamagedError(name)
    opened = VectorIndex(
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


def _hub(sentences: Vectors, embedder: Embedder) -> Vectors:
    mean: Vectors = (embedder.questions(_generic_questions()) @ sentences.T).mean(axis=0)
    return mean


@lru_cache(maxsize=1)
def _generic_questions() -> Sequence[str]:
    questions: list[str] = yaml.safe_load((_DATA / "generic_questions.yml").read_text(encoding="utf-8"))
    return questions


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _digest_of_file(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
