"""The table of sizes follows from the figures of speed, and the page shows what follows today."""

from __future__ import annotations

import pytest

from bench.grown.sizing import MARKS, SOURCE, TARGET, Cost, costs, processes, table

SPEED = SOURCE.read_text("utf-8")


def test_the_page_shows_what_follows_from_the_figures_of_speed() -> None:
    page = TARGET.read_text("utf-8")

    assert MARKS.placed(page, "\n".join(table(costs(SPEED)))) == page


def test_the_costs_are_the_highest_that_were_measured() -> None:
    found = costs("| ours: rasa | 26 / 27 / 25 | 1065 |\n| stock: rasa | 34 / 34 / 33 | 608 |\n")

    assert found == {"rasa": Cost(27.0, 1065.0)}
    assert costs(SPEED).keys() >= {"rasa", "actions", "web", "jobs", "console"}


@pytest.mark.parametrize(("rate", "wanted"), [(1, 2), (20, 2), (21, 3), (100, 10), (101, 11)])
def test_there_are_enough_for_half_a_core_each_and_never_one_alone(rate: int, wanted: int) -> None:
    assert processes(rate, Cost(50.0, 1.0)) == wanted


def test_a_row_adds_up() -> None:
    found = {name: Cost(50.0, 1000.0) for name in ("rasa", "actions", "web", "jobs", "console")}

    assert list(table(found))[3] == "| 100 | 10 | 10 | 10 | 2 | 1 | 30 | 33 |"
