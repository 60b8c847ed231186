"""One pass through the bundled encoder: states of single pieces for the reader, and their mean for search.

This module imports onnx, onnxruntime and sentencepiece: import it only where a text is about to be embedded or read.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import onnxruntime

from bot.encoder.bundled_model import BundledModel, Floats, open_bundled_model
from bot.encoder.graph import WORDS, build_graph
from bot.encoder.pieces import BEGIN, END, PieceTokenizer

# The last layer tells what a token means here, the middle one rather what it is.
LAYERS = (6, 12)
# A turn asks for its question twice: search wants the mean, the reader the states. What came before is of no use.
_KEPT = 4


class Encoder:
    """Turns texts into states; several threads may ask at once, and each works on one core."""

    def __init__(self, model: BundledModel) -> None:
        self.width = model.shape.hidden
        self._model = model
        self._tokenizer = PieceTokenizer(model)
        shape = model.shape
        # Every text is of the first segment.
        segment = model.tensor("emb.type", shape.segments, shape.hidden)[0]
        self._places = model.tensor("emb.pos", shape.positions, shape.hidden) + segment
        self._window = shape.positions - len((BEGIN, END))
        self._session = onnxruntime.InferenceSession(
            build_graph(model, LAYERS), _on_one_core(), providers=["CPUExecutionProvider"]
        )
        self._kept = lru_cache(maxsize=_KEPT)(self._run)

    def states(self, text: str, *, most: int) -> Floats:
        """The states after each of `LAYERS`, (layers, pieces, width); begin and end count as pieces.

        Args:
            text: with its prompt.
            most: how many pieces are read; the rest of the text is left out.
        """
        return self._kept(tuple(self._tokenizer.ids(text)[:most]))

    def vector(self, text: str) -> Floats:
        """The unit vector of a text with its prompt; of a long one the mean of its windows, as the engine has it."""
        pieces = self._tokenizer.ids(text)
        starts = range(0, max(len(pieces), 1), self._window)
        states = [self._kept(tuple(pieces[start : start + self._window]))[-1] for start in starts]
        means = np.stack([state.mean(0) for state in states])
        mean: Floats = np.average(means, axis=0, weights=[len(state) for state in states]).astype(np.float32)
        return mean / np.float32(np.linalg.norm(mean))

    def vectors(self, texts: Sequence[str]) -> Floats:
        """A row a text."""
        return np.stack([self.vector(text) for text in texts]) if texts else np.empty((0, self.width), np.float32)

    def _run(self, pieces: tuple[int, ...]) -> Floats:
        ids = np.array([BEGIN, *pieces, END])
        words = self._model.word_vectors(ids) + self._places[: len(ids)]
        return np.concatenate(self._session.run(None, {WORDS: words[None]}))


@lru_cache(maxsize=1)
def open_encoder() -> Encoder:
    """The encoder of this process; half a second once.

    Raises:
        ModelFileError: the bundled model cannot be read.
    """
    return Encoder(open_bundled_model())


def _on_one_core() -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    # Turns go beside each other; threads of one turn would only wait for each other.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    # Texts are of many lengths: memory kept for each would only grow.
    options.enable_mem_pattern = False
    return options
