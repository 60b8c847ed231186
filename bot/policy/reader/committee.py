"""Networks that were trained apart and judge together: each errs in ways of its own, and their mean less than each.

This module imports torch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import nn

from bot.policy.reader.comparing import Member
from bot.policy.reader.network import AlignmentNetwork, Side
from bot.policy.reader.ready import ReadyStatements

_CENTER = "members.{}.center"


class Committee(nn.Module):
    """Scores pairs like one network does; a side of it is the sides of its members, one behind the other."""

    def __init__(self, members: Sequence[AlignmentNetwork]) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)
        # The list above is what torch saves; it forgets what it holds.
        self._networks = tuple(members)

    @classmethod
    def from_weights(cls, weights: Mapping[str, torch.Tensor]) -> Committee:
        """The committee that these weights are of, ready to judge.

        Raises:
            KeyError, RuntimeError: they are not those of a committee.
        """
        count = sum(name.endswith(".center") for name in weights)
        layers, _, width = weights[_CENTER.format(0)].shape
        committee = cls([AlignmentNetwork(layers, width) for _ in range(count)])
        committee.load_state_dict({name: value.float() for name, value in weights.items()})
        return committee.eval()

    def project(self, states: Sequence[torch.Tensor]) -> Side:
        """What is needed of one side, from token states of (layers, tokens, width) each."""
        sides = [network.project(states) for network in self._networks]
        keys, content, whole = (torch.cat(parts, dim=-1) for parts in zip(*(side[:3] for side in sides), strict=True))
        return Side(keys, content, whole, sides[0].mask)

    def ready(self, statements: Side) -> ReadyStatements:
        """The statements of which this side is, ready to be read."""
        return ReadyStatements([Member(network) for network in self._networks], self._parts(statements))

    def read(self, question: Side, statements: ReadyStatements, rows: Sequence[int]) -> torch.Tensor:
        """The logits that `forward` gives of one question with the statements of these rows, sooner."""
        return statements.scores(self._parts(question), rows)

    def forward(self, question: Side, statement: Side) -> torch.Tensor:
        """Logits, one a pair: the mean of the members'."""
        pairs = zip(self._networks, self._parts(question), self._parts(statement), strict=True)
        return torch.stack([network(asked, said) for network, asked, said in pairs]).mean(0)

    def _parts(self, side: Side) -> list[Side]:
        split = zip(*(part.chunk(len(self._networks), dim=-1) for part in side[:3]), strict=True)
        return [Side(keys, content, whole, side.mask) for keys, content, whole in split]
