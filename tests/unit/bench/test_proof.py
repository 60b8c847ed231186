from __future__ import annotations

import pytest

from bench.proof import Bar, _all_but_one, _failures
from bot.evaluation.measures import Share, Summary


def _summary(share: Share) -> Summary:
    return Summary(1, {"hit@1": share}, 1.0, 1.0)


@pytest.mark.parametrize(
    ("share", "is_met"), [(Share(8, 10), True), (Share(79, 100), False), (Share(0, 0), False), (Share(10, 10), True)]
)
def test_a_bar_is_met_from_its_figure_on_and_never_by_nothing(share: Share, is_met: bool) -> None:  # noqa: FBT001 - a parameter of a test
    failures = list(_failures("set", _summary(share), (Bar("hit@1", least=0.8),)))
    assert (not failures) is is_met


def test_a_rate_must_stay_below_its_bar() -> None:
    assert Bar("false", most=0.05).is_met_by(Share(1, 20))
    assert not Bar("false", most=0.05).is_met_by(Share(2, 20))


def test_one_row_may_miss() -> None:
    bar = Bar("hit@1", least=_all_but_one(Share(0, 25)))
    assert bar.is_met_by(Share(24, 25))
    assert not bar.is_met_by(Share(23, 25))
