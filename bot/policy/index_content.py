"""What an index of a policy version holds, whichever engine keeps it: its vectors, and what they were made of."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from bot.policy.embedding import Embedder, Vectors
from bot.policy.model import Passage, Policy, Sentence

CODE_VERSION = 1
"""Raise it when the same policy and model would give other vectors."""

_DATA = Path(__file__).parent / "data"
_RELEASE_LENGTH = 16


@dataclass(frozen=True)
class Content:
    """Unit vectors, one row a sentence and one a passage in the policy's order, and each sentence's hub."""

    sentences: Vectors
    passages: Vectors
    hub: Vectors


def manifest_of(policy: Policy, embedder: Embedder) -> dict[str, Any]:
    """Everything that the vectors depend on.

    The digest of the units stands for the Markdown and for the parser: whichever of them changes what is embedded
    changes it, and a change that leaves the units alone needs no new vectors.
    """
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


def release_of(manifest: dict[str, Any]) -> str:
    """The name of what this manifest describes."""
    return _digest(json.dumps(manifest, sort_keys=True))[:_RELEASE_LENGTH]


def content_of(policy: Policy, embedder: Embedder) -> Content:
    """Embeds a policy version, which takes seconds to minutes."""
    texts = [embedded_text(sentence, passage) for passage in policy.passages for sentence in passage.sentences]
    sentences = embedder.documents(texts)
    passages = embedder.documents([passage.text for passage in policy.passages])
    hub: Vectors = (embedder.questions(_generic_questions()) @ sentences.T).mean(axis=0)
    return Content(sentences, passages, hub)


def embedded_text(sentence: Sentence, passage: Passage) -> str:
    """What is embedded for a sentence: in a row or a definition, its key stands before it.

    The cells of a table are alike in every row; only the key tells 「返金処理のため」 of one row from another's.
    """
    key = passage.sentences[0]
    return sentence.text if key.role != "key" or sentence is key else f"{key.text} {sentence.text}"


@lru_cache(maxsize=1)
def _generic_questions() -> Sequence[str]:
    questions: list[str] = yaml.safe_load((_DATA / "generic_questions.yml").read_text(encoding="utf-8"))
    return questions


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
