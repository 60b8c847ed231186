"""The pieces a text falls into: the bundled model's vocabulary in SentencePiece.

The same vocabulary as a trie of the package `tokenizers` would take 240 MB of every process that embeds; here it takes
50. The pieces are the same, and so are the ids.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from unicodedata import normalize

from sentencepiece import SentencePieceProcessor
from sentencepiece.sentencepiece_model_pb2 import (  # type: ignore[attr-defined] # made when it is imported
    ModelProto,
    TrainerSpec,
)

from bot.encoder.bundled_model import BundledModel

BEGIN, PAD, END, UNKNOWN = range(4)
_SPACES = re.compile(" {2,}")
_WORD_BEGINS = (" ", "▁")


class PieceTokenizer:
    """Texts to the ids of their pieces, without begin and end; several threads may ask at once."""

    def __init__(self, model: BundledModel) -> None:
        self._processor = SentencePieceProcessor()
        self._processor.LoadFromSerializedProto(_as_sentencepiece(model.pieces()))

    def ids(self, text: str) -> list[int]:
        """The best way to cut the text, after NFKC; a row of spaces is one."""
        plain = _SPACES.sub(" ", normalize("NFKC", text))
        # A word's first piece begins with the space before it, and the first word has one too.
        found: list[int] = self._processor.EncodeAsIds(plain if plain.startswith(_WORD_BEGINS) else f" {plain}")
        return found if plain else []


def _as_sentencepiece(pieces: Iterable[tuple[str, float]]) -> bytes:
    model = ModelProto()
    spec = model.trainer_spec
    spec.model_type = TrainerSpec.UNIGRAM
    spec.bos_id, spec.pad_id, spec.eos_id, spec.unk_id = BEGIN, PAD, END, UNKNOWN
    # Texts are normalised before, as the model was taught.
    rules = model.normalizer_spec
    rules.name, rules.add_dummy_prefix, rules.remove_extra_whitespaces = "identity", False, False
    for number, (piece, score) in enumerate(pieces):
        model.pieces.add(piece=piece, score=score, type=_type_of(number))
    serialised: bytes = model.SerializeToString()
    return serialised


def _type_of(number: int) -> int:
    # What marks a text's ends is no text: whoever types "<s>" gets its letters.
    if number in {BEGIN, PAD, END}:
        return int(ModelProto.SentencePiece.CONTROL)
    return int(ModelProto.SentencePiece.UNKNOWN if number == UNKNOWN else ModelProto.SentencePiece.NORMAL)
