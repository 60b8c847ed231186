"""Reading gives what the network was trained to give, in another order of its sums."""

from __future__ import annotations

import pytest
import torch

from bot.policy.reader.committee import Committee
from bot.policy.reader.network import AlignmentNetwork, Side

_LAYERS, _WIDTH = 2, 24
_LENGTHS = (7, 1, 19, 4)


@pytest.fixture(scope="module")
def committee() -> Committee:
    torch.manual_seed(3)
    return Committee([AlignmentNetwork(_LAYERS, _WIDTH) for _ in range(2)]).eval()


@pytest.mark.parametrize("rows", [[0, 1, 2, 3], [3, 0], [1], [2, 2, 0]])
@pytest.mark.parametrize("asked_tokens", [1, 9])
def test_reading_scores_as_the_network_does(committee: Committee, rows: list[int], asked_tokens: int) -> None:
    with torch.inference_mode():
        statements = committee.project([torch.randn(_LAYERS, length, _WIDTH) for length in _LENGTHS])
        question = committee.project([torch.randn(_LAYERS, asked_tokens, _WIDTH)])
        read = committee.read(question, committee.ready(statements), rows)
        repeated = Side(*(part.expand(len(rows), *part.shape[1:]) for part in question))
        forward = committee(repeated, Side(*(part[rows] for part in statements)))
    assert read.tolist() == pytest.approx(forward.tolist(), abs=1e-5)
