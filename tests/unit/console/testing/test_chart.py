from __future__ import annotations

import xml.etree.ElementTree as ET
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.console.testing.chart import trend_of
from bot.evaluation.runs.models import RegressionRun
from tests.support.regression import NOW

COUNTS = st.integers(0, 400).flatmap(lambda cases: st.tuples(st.integers(0, cases), st.just(cases)))


def runs_of(counts: list[tuple[int, int]]) -> list[RegressionRun]:
    return [
        RegressionRun(started_at=NOW + timedelta(days=day), passed=passed, cases=cases, is_green=passed == cases)
        for day, (passed, cases) in enumerate(counts)
    ]


@given(st.lists(COUNTS, min_size=2, max_size=40))
def test_each_run_is_a_dot_within_the_picture_that_tells_its_figures(counts: list[tuple[int, int]]) -> None:
    drawn = trend_of(runs_of(counts))
    assert drawn is not None
    tree = ET.fromstring(drawn)  # noqa: S314 - our own
    dots = list(tree.iter("circle"))

    assert tree.attrib["aria-label"]
    assert all(44 <= float(dot.attrib["cx"]) <= 628 and 12 <= float(dot.attrib["cy"]) <= 152 for dot in dots)
    assert [dot.findtext("title", "").split(" ", 2)[2] for dot in dots] == [f"{one} / {all_}" for one, all_ in counts]
    assert ["red" in dot.attrib["class"] for dot in dots] == [one != all_ for one, all_ in counts]
    assert all("style" not in each.attrib for each in tree.iter())


def test_of_one_run_there_is_no_trend() -> None:
    assert trend_of(runs_of([(1, 2)])) is None
