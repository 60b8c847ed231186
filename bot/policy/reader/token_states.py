"""States of single tokens: what the bundled encoder makes of each piece of a text, at several of its layers.

This module imports torch and transformers: import it only where a text is about to be read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from tokenizers import Regex, Tokenizer
from tokenizers.models import Unigram
from tokenizers.normalizers import NFKC, Replace
from tokenizers.normalizers import Sequence as InTurn
from tokenizers.pre_tokenizers import Metaspace
from transformers import BertConfig, BertModel

from bot.policy.nano_e5 import DOCUMENT_PROMPT, QUERY_PROMPT, fold
from bot.policy.reader.bundled_model import BundledModel, Pieces

# The last layer tells what a token means here, the middle one rather what it is.
LAYERS = (6, 12)
QUESTION_TOKENS = 64
STATEMENT_TOKENS = 160
_BATCH = 64
_BEGIN, _PAD, _END, _UNKNOWN = 0, 1, 2, 3
# The names of this project's weights in the encoder of `transformers`; {} is the layer.
_LINEAR = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "fi": "intermediate.dense",
    "fo": "output.dense",
}
_NORMS = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}


class TokenEncoder:
    """Turns texts into token states, a tensor of (layers, tokens, width) for each."""

    def __init__(self, model: BundledModel) -> None:
        self._model = model
        self._tokenizer = _tokenizer(model.pieces)
        self._encoder = _encoder(model)

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
        mask = (ids != _PAD).long()
        found = self._encoder(inputs_embeds=words, attention_mask=mask, output_hidden_states=True).hidden_states
        together = torch.stack([found[layer] for layer in LAYERS], dim=1)
        return (states[:, : len(row)].clone() for states, row in zip(together, rows, strict=True))


def _tokenizer(pieces: Pieces) -> Tokenizer:
    tokenizer = Tokenizer(Unigram(pieces, unk_id=_UNKNOWN))
    tokenizer.normalizer = InTurn([NFKC(), Replace(Regex(" {2,}"), " ")])
    tokenizer.pre_tokenizer = Metaspace()
    return tokenizer


def _encoder(model: BundledModel) -> BertModel:
    shape = model.shape
    config = BertConfig(
        vocab_size=1,  # words come as vectors
        hidden_size=shape.hidden,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        intermediate_size=shape.inner,
        max_position_embeddings=shape.positions,
        type_vocab_size=shape.segments,
        layer_norm_eps=shape.epsilon,
    )
    encoder = BertModel(config, add_pooling_layer=False)
    weights = dict(_weights(model))
    weights["embeddings.word_embeddings.weight"] = torch.zeros(1, shape.hidden)
    encoder.load_state_dict(weights)
    encoder.requires_grad_(requires_grad=False)
    encoder.train(mode=False)
    return encoder


def _weights(model: BundledModel) -> Iterator[tuple[str, torch.Tensor]]:
    """Every weight of the encoder, by the name that `transformers` gives it."""
    shape = model.shape

    def weight(name: str, *size: int) -> torch.Tensor:
        return torch.from_numpy(model.tensor(name, *size))

    yield "embeddings.position_embeddings.weight", weight("emb.pos", shape.positions, shape.hidden)
    yield "embeddings.token_type_embeddings.weight", weight("emb.type", shape.segments, shape.hidden)
    norms = {"emb.ln": "embeddings.LayerNorm"}
    sizes = {"fi": (shape.inner, shape.hidden), "fo": (shape.hidden, shape.inner)}
    for layer in range(shape.layers):
        norms |= {f"l{layer}.{short}": f"encoder.layer.{layer}.{long}" for short, long in _NORMS.items()}
        for short, long in _LINEAR.items():
            rows, columns = sizes.get(short, (shape.hidden, shape.hidden))
            yield f"encoder.layer.{layer}.{long}.weight", weight(f"l{layer}.{short}.w", rows, columns)
            yield f"encoder.layer.{layer}.{long}.bias", weight(f"l{layer}.{short}.b", rows)
    for short, long in norms.items():
        yield f"{long}.weight", weight(f"{short}.w", shape.hidden)
        yield f"{long}.bias", weight(f"{short}.b", shape.hidden)
