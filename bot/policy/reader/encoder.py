"""The bundled encoder's twelve layers, as few calls as its arithmetic needs: half the time of a general BERT.

A question is some fifteen pieces long, so that a layer's products take about as long as the calls around them would.

This module imports torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch.nn.functional import gelu, layer_norm, scaled_dot_product_attention

from bot.policy.reader.bundled_model import BundledModel


class _Linear(NamedTuple):
    weight: torch.Tensor
    bias: torch.Tensor

    def __call__(self, rows: torch.Tensor) -> torch.Tensor:
        return torch.addmm(self.bias, rows, self.weight)


class _Norm(NamedTuple):
    weight: torch.Tensor
    bias: torch.Tensor
    epsilon: float

    def __call__(self, rows: torch.Tensor) -> torch.Tensor:
        return layer_norm(rows, self.weight.shape, self.weight, self.bias, self.epsilon)


class _Layer(NamedTuple):
    attention: _Linear  # query, key and value in one product
    attended: _Linear
    attention_norm: _Norm
    inner: _Linear
    outer: _Linear
    outer_norm: _Norm


class Encoder:
    """A BERT encoder (Devlin et al., 2019, arXiv:1810.04805) with the weights of the bundled model."""

    def __init__(self, model: BundledModel) -> None:
        shape = model.shape
        self._heads = shape.heads
        reading = _Reading(model)
        self._positions = reading.tensor("emb.pos", shape.positions, shape.hidden)
        # Every text is of the first segment.
        self._segment = reading.tensor("emb.type", shape.segments, shape.hidden)[0]
        self._norm = reading.norm("emb.ln")
        self._layers = [reading.layer(number) for number in range(shape.layers)]

    def states(self, words: torch.Tensor, mask: torch.Tensor, layers: Sequence[int]) -> torch.Tensor:
        """The states of each piece after some of the layers, (texts, layers, pieces, width).

        Args:
            words: the vectors of the pieces, (texts, pieces, width), padded.
            mask: which pieces there are, (texts, pieces).
            layers: after which layers, counted from one, in their order.
        """
        texts, pieces, width = words.shape
        rows = self._norm((words + self._positions[:pieces] + self._segment).reshape(-1, width))
        seen = None if bool(mask.all()) else mask[:, None, None, :]
        found = []
        for number, layer in enumerate(self._layers, start=1):
            rows = self._after(layer, rows, (texts, pieces), seen)
            if number in layers:
                found.append(rows.reshape(texts, pieces, width))
        return torch.stack(found, dim=1)

    def _after(
        self, layer: _Layer, rows: torch.Tensor, size: tuple[int, int], seen: torch.Tensor | None
    ) -> torch.Tensor:
        width = rows.shape[1]
        asked = layer.attention(rows).reshape(*size, 3, self._heads, width // self._heads)
        query, key, value = asked.permute(2, 0, 3, 1, 4)
        mixed = scaled_dot_product_attention(query, key, value, attn_mask=seen)
        mixed = mixed.transpose(1, 2).reshape(-1, width)
        rows = layer.attention_norm(rows + layer.attended(mixed))
        return layer.outer_norm(rows + layer.outer(gelu(layer.inner(rows))))


class _Reading:
    """Reads the weights by the names of the bundled file."""

    def __init__(self, model: BundledModel) -> None:
        self._model = model

    def tensor(self, name: str, *size: int) -> torch.Tensor:
        return torch.from_numpy(self._model.tensor(name, *size))

    def norm(self, name: str) -> _Norm:
        hidden = self._model.shape.hidden
        return _Norm(self.tensor(f"{name}.w", hidden), self.tensor(f"{name}.b", hidden), self._model.shape.epsilon)

    def layer(self, number: int) -> _Layer:
        hidden, inner = self._model.shape.hidden, self._model.shape.inner
        place = f"l{number}"
        return _Layer(
            self._linear([f"{place}.{part}" for part in "qkv"], hidden, hidden),
            self._linear([f"{place}.ao"], hidden, hidden),
            self.norm(f"{place}.aln"),
            self._linear([f"{place}.fi"], inner, hidden),
            self._linear([f"{place}.fo"], hidden, inner),
            self.norm(f"{place}.oln"),
        )

    def _linear(self, names: Sequence[str], rows: int, columns: int) -> _Linear:
        weight = torch.cat([self.tensor(f"{name}.w", rows, columns) for name in names])
        bias = torch.cat([self.tensor(f"{name}.b", rows) for name in names])
        return _Linear(weight.T.contiguous(), bias)
