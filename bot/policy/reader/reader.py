"""How surely each statement of a policy states what a question asks.

This module imports torch: import it only where a text is about to be read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from bot.encoder.bundled_model import ModelFileError
from bot.encoder.encoder import open_encoder
from bot.policy.embedding import Vectors
from bot.policy.reader.committee import Committee
from bot.policy.reader.network import Side
from bot.policy.reader.ready import ReadyStatements
from bot.policy.reader.token_states import TokenEncoder

WEIGHTS = Path(__file__).parents[1] / "data" / "reader.safetensors"


class Reader:
    """Reads questions against statements; `release` changes whenever the scores would."""

    def __init__(self, network: Committee, encoder: TokenEncoder, release: str) -> None:
        self.release = release
        self._network = network
        self._encoder = encoder

    def prepared(self, statements: Sequence[str]) -> Side:
        """Statements with the words they are understood with, made ready to be read; some seconds for a policy."""
        with torch.inference_mode():
            return self._network.project(self._encoder.statements(statements))

    def ready(self, statements: Side) -> ReadyStatements:
        """What `prepared` gave, with what every question would have to work out of it anew."""
        with torch.inference_mode():
            return self._network.ready(statements)

    def scores(self, questions: Sequence[str], statements: ReadyStatements, rows: Sequence[int]) -> Vectors:
        """Logits of each question (rows) with the statements of these rows (columns)."""
        with torch.inference_mode():
            asked = [self._network.project([state]) for state in self._encoder.questions(questions)]
            logits: Vectors = torch.stack([self._network.read(each, statements, rows) for each in asked]).numpy()
        return logits


@lru_cache(maxsize=1)
def open_reader() -> Reader:
    """The reader of this process; slow once (some seconds).

    Raises:
        ModelFileError: its weights or those of the bundled encoder cannot be read.
    """
    return load_reader(WEIGHTS)


def load_reader(path: Path) -> Reader:
    """The reader of a file that `bench/reader.py` wrote.

    Raises:
        ModelFileError: it is no such file.
    """
    try:
        network = Committee.from_weights(load_file(path))
    except (OSError, SafetensorError, KeyError, RuntimeError) as error:
        raise ModelFileError(f"{path}: not the weights of a reader") from error
    return Reader(network, TokenEncoder(open_encoder()), hashlib.sha256(path.read_bytes()).hexdigest()[:16])
