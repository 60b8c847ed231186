"""What `AlignmentNetwork.forward` computes, for many statements and one question at a quarter of its cost.

Training needs the network as it is written there. To read, the same sums stand in another order: of
`W·[own, other, own∘other, own−other, alike]` whatever depends on one side alone is worked out once for that side, the
other side's share is mixed after it was made narrow, and statements' tokens lie one behind the other, unpadded.

This module imports torch.
"""

from __future__ import annotations

from typing import NamedTuple, cast

import torch
from torch import nn
from torch.nn.functional import gelu, linear

from bot.policy.reader.network import CONTENT_WIDTH, KEY_WIDTH, NEVER, SHARPNESS, AlignmentNetwork, Side

_WIDTHS = [KEY_WIDTH, CONTENT_WIDTH, 2 * CONTENT_WIDTH, 1]


class _Comparing(NamedTuple):
    """The layers that compare one side with the other, cut into what each part of their input meets."""

    own: torch.Tensor
    bias: torch.Tensor
    other: torch.Tensor
    product: torch.Tensor
    alike: torch.Tensor
    weigh: torch.Tensor
    weigh_own: torch.Tensor
    weigh_bias: torch.Tensor

    @classmethod
    def of(cls, comparing: nn.Sequential, weigh: nn.Linear) -> _Comparing:
        # Dropout, the layer, its GELU.
        layer = cast("nn.Linear", comparing[1])
        own, other, product, apart, alike = torch.split(layer.weight, [CONTENT_WIDTH] * 4 + [1], dim=1)
        compared, content = torch.split(weigh.weight[0], CONTENT_WIDTH)
        return cls(own + apart, layer.bias, other - apart, product.T, alike[:, 0], compared, content, weigh.bias)

    def compared(self, tokens: Tokens, mixed: torch.Tensor, met: torch.Tensor) -> torch.Tensor:
        """The tokens compared with what they met of the other side: `mixed`, and how near it came, `met`."""
        other, share = torch.split(mixed, CONTENT_WIDTH, dim=-1)
        product = (tokens.given[:, :CONTENT_WIDTH] * other) @ self.product
        return gelu(tokens.own + share + product + met[..., None] * self.alike)


class Tokens(NamedTuple):
    """One side's tokens, one behind the other.

    Attributes:
        keys: by which they find each other.
        own: what their own content gives to their comparison.
        given: their content, and what it gives to the comparison of a token that meets them.
        weight: what their content gives to their weight.
    """

    keys: torch.Tensor
    own: torch.Tensor
    given: torch.Tensor
    weight: torch.Tensor


class Chosen(NamedTuple):
    """The statements a question is read against.

    Attributes:
        tokens: theirs, one behind the other.
        mean: the mean content of each.
        whole: the unit vector of each.
        places: where each token lies when they are padded, one statement behind the other.
        longest: how many tokens the longest has.
    """

    tokens: Tokens
    mean: torch.Tensor
    whole: torch.Tensor
    places: torch.Tensor
    longest: int

    def padded(self, tokens: torch.Tensor, filling: float) -> torch.Tensor:
        """What belongs to the tokens, as (statements, longest, …)."""
        width = tokens.shape[1]
        apart = tokens.new_full((len(self.whole) * self.longest, width), filling)
        return apart.index_copy_(0, self.places, tokens).view(len(self.whole), self.longest, width)


class Member:
    """One network of a committee, its layers cut for reading."""

    def __init__(self, network: AlignmentNetwork) -> None:
        self._judge = network.judge
        self._sharpness = float(torch.exp(network.log_sharpness)) * SHARPNESS
        self._asked = _Comparing.of(network.compare_question, network.weigh_question)
        self._said = _Comparing.of(network.compare_statement, network.weigh_statement)

    def of_statements(self, side: Side) -> torch.Tensor:
        """The tokens of all statements in one table, to take rows from; `tokens_of` reads them."""
        keys, content = side.keys[side.mask], side.content[side.mask]
        return torch.cat(self._tokens(keys, content, self._said, self._asked), dim=-1)

    def logits(self, question: Side, read: Chosen) -> torch.Tensor:
        """How surely each statement states what is asked."""
        tokens = self._tokens(question.keys[0], question.content[0], self._asked, self._said)
        alike = read.tokens.keys @ tokens.keys.T
        weight, met, asked = self._asking(tokens, alike, read)
        said = self._saying(tokens, alike, read)
        signs = [
            *asked,
            *said,
            question.content[0].mean(0).expand(len(read.mean), -1),
            read.mean,
            (read.whole @ question.whole[0])[:, None] * SHARPNESS,
            (weight * met).sum(1, keepdim=True),
        ]
        logits: torch.Tensor = self._judge(torch.cat(signs, dim=-1))[:, 0]
        return logits

    def _tokens(self, keys: torch.Tensor, content: torch.Tensor, mine: _Comparing, theirs: _Comparing) -> Tokens:
        given = torch.cat([content, linear(content, theirs.other)], dim=-1)
        weight = linear(content, mine.weigh_own[None], mine.weigh_bias)
        return Tokens(keys, linear(content, mine.own, mine.bias), given, weight)

    def _asking(
        self, question: Tokens, alike: torch.Tensor, read: Chosen
    ) -> tuple[torch.Tensor, torch.Tensor, tuple[torch.Tensor, torch.Tensor]]:
        """The question's tokens compared with each statement: their weights, how near they came, what was pooled."""
        side = self._asked
        apart = read.padded(alike, NEVER)
        found = torch.softmax(apart * self._sharpness, dim=1).transpose(1, 2)
        met = apart.amax(1)
        mixed = found @ read.padded(read.tokens.given, 0.0)
        compared = side.compared(question, mixed, met)
        weight = torch.softmax(compared @ side.weigh + question.weight[:, 0], dim=-1)
        return weight, met, ((weight[:, None] @ compared)[:, 0], compared.amax(1))

    def _saying(self, question: Tokens, alike: torch.Tensor, read: Chosen) -> tuple[torch.Tensor, torch.Tensor]:
        """The statements' tokens compared with the question, pooled."""
        side, tokens = self._said, read.tokens
        mixed = torch.softmax(alike * self._sharpness, dim=1) @ question.given
        compared = side.compared(tokens, mixed, alike.amax(1))
        scores = compared @ side.weigh + tokens.weight[:, 0]
        apart = read.padded(compared, NEVER)
        weight = torch.softmax(read.padded(scores[:, None], NEVER), dim=1)
        return (weight.transpose(1, 2) @ apart)[:, 0], apart.amax(1)


def tokens_of(table: torch.Tensor) -> Tokens:
    """The tokens of these rows."""
    return Tokens(*torch.split(table, _WIDTHS, dim=1))
