"""Vectors of a fixed list of questions, made once a model and kept on disk."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import structlog

from bot.policy.embedding import Embedder, Vectors
from bot.policy.whole_files import write_whole

log = structlog.get_logger(__name__)


def cached_vectors(folder: Path, questions: Sequence[str], embedder: Embedder) -> Vectors:
    """One row a question, read from `folder` or made and written there.

    The file is named by the digest of model and texts, and renamed into its place, so that a reader sees a whole one
    or none. A damaged file is made anew.
    """
    if not questions:
        return np.zeros((0, 0), dtype=np.float32)
    digest = hashlib.sha256(json.dumps([embedder.model_id, *questions], ensure_ascii=False).encode()).hexdigest()[:16]
    place = folder / f"questions-{digest}.npy"
    try:
        stored = np.load(place, allow_pickle=False)
        if len(stored) == len(questions):
            return np.asarray(stored, dtype=np.float32)
    except FileNotFoundError:
        log.info("question_vectors_missing", file=place.name)
    except (OSError, ValueError, EOFError) as error:
        log.warning("question_vectors_damaged", file=place.name, error=type(error).__name__)
    made = embedder.questions(questions)
    stream = io.BytesIO()
    np.save(stream, made)
    write_whole(place, stream.getvalue())
    return made
