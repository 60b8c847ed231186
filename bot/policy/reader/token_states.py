"""States of single tokens: what the bundled encoder makes of each piece of a text, at several of its layers.

This module imports torch: import it only where a text is about to be read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from tokenizers import Regex, Tokenizer
from tokenizers.models import Unigram
from tokenizers.normalizers import NFKC, Replace
from tokenizers.normalizers import Sequence as InTurn
from tokenizers.pre_tokenizers import Metaspace

from bot.policy.nano_e5 import DOCUMENT_PROMPT, QUERY_PROMPT, fold
from bot.policy.reader.bundled_model import BundledModel, Pieces
from bot.policy.reader.encoder import Encoder

# The last layer tells what a token means here, the middle one rather what it is.
LAYERS = (6, 12)
QUESTION_TOKENS = 64
STATEMENT_TOKENS = 160
_BATCH = 64
_BEGIN, _PAD, _END, _UNKNOWN = 0, 1, 2, 3


class TokenEncoder:
    """Turns texts into token states, a tensor of (layers, tokens, width) for each."""

    def __init__(self, model: BundledModel) -> None:
        self._model = model
        self._tokenizer = _tokenizer(model.pieces)
        self._encoder = Encoder(model)

    def questions(self, texts: Sequence[str]) -> list[torch.Tensor]:
        """The states of questions; what is longer than `QUESTION_TOKENS` is cut."""
        return self._states([f"{QUERY_PROMPT}{fold(text)}" for text in texts], QUESTION_TOKENS)

    def statements(self, texts: Sequence[str]) -> list[torch.Tensor]:
        """The states of statements of a policy; what is longer than `STATEMENT_TOKENS` is cut."""
        return self._states([f"{DOCUMENT_PROMPT}{fold(text)}" for text in texts], STATEMENT_TOKENS)

    def _states(self, texts: Sequence[str], limit: int) -> list[torch.Tensor]:
        rows = [[_BEGIN, *encoding.ids[:limit], _END] for encoding in self._tokenizer.encode_batch(list(texts))]
        states: dict[int, torch.Tensor] = {}
        # Texts of one length lie together, so that little is padded.
        order = sorted(range(len(rows)), key=lambda place: len(rows[place]))
        for start in range(0, len(order), _BATCH):
            places = order[start : start + _BATCH]
            states |= zip(places, self._batch([rows[place] for place in places]), strict=True)
        return [states[place] for place in range(len(rows))]

    @torch.inference_mode()
    def _batch(self, rows: Sequence[Sequence[int]]) -> Iterator[torch.Tensor]:
        width = max(map(len, rows))
        ids = torch.tensor([[*row, *[_PAD] * (width - len(row))] for row in rows])
        words = torch.from_numpy(self._model.word_vectors(ids.numpy()))
        together = self._encoder.states(words, ids != _PAD, LAYERS)
        return (states[:, : len(row)].clone() for states, row in zip(together, rows, strict=True))


def _tokenizer(pieces: Pieces) -> Tokenizer:
    tokenizer = Tokenizer(Unigram(pieces, unk_id=_UNKNOWN))
    tokenizer.normalizer = InTurn([NFKC(), Replace(Regex(" {2,}"), " ")])
    tokenizer.pre_tokenizer = Metaspace()
    return tokenizer
