"""A slope is told with how far it may be from the truth."""

from __future__ import annotations

import numpy as np
import pytest

from bench.soak import slope


def _samples(an_hour: float, count: int = 300) -> list[tuple[float, float]]:
    noise = np.random.default_rng(5).normal(0, 3, count)
    hours = np.arange(count) / 360
    return list(zip(hours.tolist(), (500 + an_hour * hours + noise).tolist(), strict=True))


def test_a_series_that_grows_is_told_to_grow() -> None:
    line = slope(_samples(40))
    assert line is not None
    assert line.an_hour == pytest.approx(40, abs=4)
    assert 0 < line.low < line.an_hour < line.high


def test_the_interval_of_one_that_does_not_grow_holds_nothing() -> None:
    line = slope(_samples(0))
    assert line is not None
    assert line.low < 0 < line.high


def test_too_few_samples_tell_nothing() -> None:
    assert slope(_samples(1, count=5)) is None
