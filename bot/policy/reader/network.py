"""Reads a question against a statement: each token finds its counterpart on the other side and is compared with it.

A decomposable attention model (Parikh et al., 2016, arXiv:1606.01933) over the frozen token states of the bundled
encoder. What depends on one side alone is worked out once, for a statement when its policy is opened; what is left
for a turn are small products.

This module imports torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import nn
from torch.nn.functional import normalize

KEY_WIDTH = 128
CONTENT_WIDTH = 96
NEVER = -1e4
SHARPNESS = 5.0


class Side(NamedTuple):
    """A batch of texts of one side, padded.

    Attributes:
        keys: unit vectors by which tokens find each other, (texts, tokens, KEY_WIDTH).
        content: what is compared, (texts, tokens, CONTENT_WIDTH).
        whole: unit vector of the whole text, (texts, width of the encoder).
        mask: which tokens there are, (texts, tokens).
    """

    keys: torch.Tensor
    content: torch.Tensor
    whole: torch.Tensor
    mask: torch.Tensor


class AlignmentNetwork(nn.Module):
    """Scores pairs of a question and a statement: the logit of the statement's stating what is asked."""

    def __init__(self, layers: int, width: int, dropout: float = 0.3) -> None:
        super().__init__()
        wide = CONTENT_WIDTH
        self.center: torch.Tensor
        self.scale: torch.Tensor
        self.register_buffer("center", torch.zeros(layers, 1, width))
        self.register_buffer("scale", torch.ones(layers, 1, width))
        self.key = nn.Linear(width, KEY_WIDTH, bias=False)
        nn.init.orthogonal_(self.key.weight)
        self.content = nn.Linear(layers * width, wide)
        self.log_sharpness = nn.Parameter(torch.ones(()))
        self.compare_question = _comparing(wide, dropout)
        self.compare_statement = _comparing(wide, dropout)
        self.weigh_question = nn.Linear(2 * wide, 1)
        self.weigh_statement = nn.Linear(2 * wide, 1)
        self.judge = nn.Sequential(nn.Linear(6 * wide + 2, wide), nn.GELU(), nn.Dropout(dropout), nn.Linear(wide, 1))

    def project(self, states: Sequence[torch.Tensor]) -> Side:
        """What is needed of one side, from token states of (layers, tokens, width) each."""
        mask = _mask(states)
        padded = torch.zeros(len(states), *self.center.shape[:1], mask.shape[1], self.center.shape[2])
        for row, state in enumerate(states):
            padded[row, :, : state.shape[1]] = (state - self.center) / self.scale
        last = padded[:, -1]
        keys = normalize(self.key(last), dim=-1)
        content = torch.tanh(self.content(torch.cat(padded.unbind(1), dim=-1)))
        return Side(keys, content, normalize((last * mask[..., None]).sum(1), dim=-1), mask)

    def forward(self, question: Side, statement: Side) -> torch.Tensor:
        """Logits, one a pair; both sides have as many texts."""
        alike = question.keys @ statement.keys.transpose(1, 2)
        sharp = alike * torch.exp(self.log_sharpness) * SHARPNESS
        to_statement = torch.softmax(sharp.masked_fill(~statement.mask[:, None, :], NEVER), dim=-1)
        to_question = torch.softmax(sharp.transpose(1, 2).masked_fill(~question.mask[:, None, :], NEVER), dim=-1)
        met = alike.masked_fill(~statement.mask[:, None, :], -1).amax(-1, keepdim=True)
        meets = alike.transpose(1, 2).masked_fill(~question.mask[:, None, :], -1).amax(-1, keepdim=True)
        asked = self.compare_question(_pairs(question.content, to_statement @ statement.content, met))
        said = self.compare_statement(_pairs(statement.content, to_question @ question.content, meets))
        weight = _weights(self.weigh_question, asked, question)
        signs = [
            *_pooled(asked, weight, question.mask),
            *_pooled(said, _weights(self.weigh_statement, said, statement), statement.mask),
            _mean(question),
            _mean(statement),
            (question.whole * statement.whole).sum(-1, keepdim=True) * SHARPNESS,
            (weight * met[..., 0]).sum(1, keepdim=True),
        ]
        logits: torch.Tensor = self.judge(torch.cat(signs, dim=-1))[:, 0]
        return logits


def _comparing(wide: int, dropout: float) -> nn.Sequential:
    return nn.Sequential(nn.Dropout(dropout), nn.Linear(4 * wide + 1, wide), nn.GELU(), nn.Dropout(dropout))


def _mask(states: Sequence[torch.Tensor]) -> torch.Tensor:
    lengths = torch.tensor([state.shape[1] for state in states])
    return torch.arange(int(lengths.max()))[None, :] < lengths[:, None]


def _pairs(own: torch.Tensor, other: torch.Tensor, alike: torch.Tensor) -> torch.Tensor:
    return torch.cat([own, other, own * other, own - other, alike], dim=-1)


def _weights(weigh: nn.Linear, compared: torch.Tensor, side: Side) -> torch.Tensor:
    scores = weigh(torch.cat([compared, side.content], dim=-1))[..., 0]
    return torch.softmax(scores.masked_fill(~side.mask, NEVER), dim=-1)


def _pooled(compared: torch.Tensor, weight: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    strongest = compared.masked_fill(~mask[..., None], NEVER).amax(1)
    return (weight[..., None] * compared).sum(1), strongest


def _mean(side: Side) -> torch.Tensor:
    present = side.mask[..., None]
    return (side.content * present).sum(1) / present.sum(1)
