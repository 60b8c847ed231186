"""The statements of a policy, ready for a committee to read questions against them.

This module imports torch.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from bot.policy.reader.comparing import Chosen, Member, tokens_of
from bot.policy.reader.network import Side


class ReadyStatements:
    """What each member of a committee has worked out of the statements, once, when a policy is opened."""

    def __init__(self, members: Sequence[Member], parts: Sequence[Side]) -> None:
        self._members = members
        self._tables = [member.of_statements(part) for member, part in zip(members, parts, strict=True)]
        self._means = [_means(part) for part in parts]
        self._wholes = [part.whole for part in parts]
        self._lengths = parts[0].mask.sum(1)
        self._starts = torch.cumsum(self._lengths, 0) - self._lengths

    def scores(self, question: Sequence[Side], rows: Sequence[int]) -> torch.Tensor:
        """Logits of one question with the statements of these rows: the mean of the members'.

        Args:
            question: the question as each member projects it.
            rows: which statements.
        """
        chosen = torch.tensor(rows)
        lengths = self._lengths[chosen]
        longest = int(lengths.max())
        mask = torch.arange(longest)[None] < lengths[:, None]
        taken = (self._starts[chosen][:, None] + torch.arange(longest)[None])[mask]
        places = mask.flatten().nonzero()[:, 0]
        each = [
            member.logits(asked, Chosen(tokens_of(table[taken]), means[chosen], wholes[chosen], places, longest))
            for member, asked, table, means, wholes in zip(
                self._members, question, self._tables, self._means, self._wholes, strict=True
            )
        ]
        return torch.stack(each).mean(0)


def _means(side: Side) -> torch.Tensor:
    present = side.mask[..., None]
    return (side.content * present).sum(1) / present.sum(1)
