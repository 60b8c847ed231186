"""One likelihood from several signs: a logistic function whose weights are data."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from math import exp
from pathlib import Path

import yaml

_DATA = Path(__file__).parent / "data"


def likelihood(name: str, signs: Mapping[str, float]) -> float:
    """The likelihood, 0 to 1, by the weights of `data/<name>.yml`; one weight a sign, and a bias."""
    weights = _weights(name)
    return sigmoid(weights["bias"] + sum(weights[sign] * value for sign, value in signs.items()))


def sigmoid(logit: float) -> float:
    """The likelihood that a logit stands for, 0 to 1."""
    return 1 / (1 + exp(-logit))


@lru_cache(maxsize=8)
def _weights(name: str) -> dict[str, float]:
    weights: dict[str, float] = yaml.safe_load((_DATA / f"{name}.yml").read_text(encoding="utf-8"))
    return weights
