"""Vectors of a list of questions, made once a model and kept on disk."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import structlog

from bot.policy.embedding import Embedder, Vectors
from bot.policy.index_files import note
from bot.storage.whole_files import write_whole

_DAMAGED = (OSError, ValueError, EOFError, KeyError, BadZipFile)
_DIGEST_LENGTH = 16
_FILES_LOOKED_INTO = 8
_FILES_KEPT = 32

log = structlog.get_logger(__name__)


def cached_vectors(folder: Path, questions: Sequence[str], embedder: Embedder) -> Vectors:
    """One row a question, read from `folder` or made and written there.

    The file is named by the digest of model and texts, and renamed into its place, so that a reader sees a whole one
    or none. A damaged file is made anew. A list that differs from an earlier one in a few questions, as a changed card
    makes it, takes the rows of all others from the files that are there.
    """
    if not questions:
        return np.zeros((0, 0), dtype=np.float32)
    place = folder / f"{_prefix(embedder)}-{_digest(json.dumps(list(questions), ensure_ascii=False))}.npz"
    try:
        _, vectors = _read(place)
        if len(vectors) == len(questions):
            note(place)
            return vectors
    except FileNotFoundError:
        log.info("question_vectors_missing", file=place.name)
    except _DAMAGED as error:
        log.warning("question_vectors_damaged", file=place.name, error=type(error).__name__)
    made = _made(folder, questions, embedder, place)
    stream = io.BytesIO()
    np.savez(stream, digests=np.array([_digest(text) for text in questions]), vectors=made)
    write_whole(place, stream.getvalue())
    note(place)
    _forget_oldest(folder, embedder)
    return made


def _made(folder: Path, questions: Sequence[str], embedder: Embedder, place: Path) -> Vectors:
    known: dict[str, Vectors] = {}
    for path in _newest(folder, embedder)[:_FILES_LOOKED_INTO]:
        if path != place:
            # What cannot be read is not used; its own list will make it anew.
            with suppress(*_DAMAGED):
                digests, vectors = _read(path)
                known = dict(zip(digests, vectors, strict=True)) | known
    digests = [_digest(text) for text in questions]
    missing = list(dict.fromkeys(text for text, digest in zip(questions, digests, strict=True) if digest not in known))
    if missing:
        known |= zip(map(_digest, missing), embedder.questions(missing), strict=True)
    return np.stack([known[digest] for digest in digests])


def _read(place: Path) -> tuple[list[str], Vectors]:
    # NumPy leaves a file open in which it finds no archive; bytes need no closing.
    with np.load(io.BytesIO(place.read_bytes()), allow_pickle=False) as stored:
        return list(stored["digests"]), np.asarray(stored["vectors"], dtype=np.float32)


def _newest(folder: Path, embedder: Embedder) -> list[Path]:
    return [path for _, path in sorted(_dated(folder, embedder), reverse=True)]


def _dated(folder: Path, embedder: Embedder) -> Iterator[tuple[float, Path]]:
    for path in folder.glob(f"{_prefix(embedder)}-*.npz"):
        with suppress(FileNotFoundError):  # another process has just removed it
            yield path.stat().st_mtime, path


def _forget_oldest(folder: Path, embedder: Embedder) -> None:
    """Every change of a candidate leaves a file; those of long ago are made again should anybody go back to them."""
    for path in _newest(folder, embedder)[_FILES_KEPT:]:
        path.unlink(missing_ok=True)


def _prefix(embedder: Embedder) -> str:
    return f"questions-{_digest(embedder.model_id)}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGEST_LENGTH]
