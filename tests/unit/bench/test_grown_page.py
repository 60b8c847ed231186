"""The page on speed takes the curve of a run between its marks."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from bench.grown import hold
from bench.grown.report import MARKS, figures

PAGE = Path("docs/speed.md")


def _level(rasas: int) -> dict[str, Any]:
    cpu = {"rasa": 24.4, "web": 17.0}
    told = {"rasas": rasas, "n": 100 * rasas, "failed": 0, "per_second": 10.0 * rasas, "p50": 300 / rasas, "p95": 600.0}
    return told | {"cpu_ms_a_turn": cpu}


def test_figures_take_their_place_and_leave_the_rest() -> None:
    result = {"users": 12, "cores": 0.3, "held_by": "cgroup v1", "nice": 19, "throttled": [0.5, 0.25, 0.1]}
    result |= {"load_before": [1.0, 2.0, 3.0], "load_after": [1.0, 2.0, 3.0], "levels": [_level(1), _level(2)]}
    page = PAGE.read_text("utf-8")
    made = MARKS.placed(page, "\n".join(figures(result)))

    assert "| 2 | 20.0 | 2.00 | 150 | 600 | 24 | 17 | 200 | 0 |" in made
    assert "50%, 25%, 10%" in made
    assert made.split(MARKS.begin)[0] == page.split(MARKS.begin)[0]
    assert made.split(MARKS.end)[1] == page.split(MARKS.end)[1]


def test_what_a_group_was_held_back_for_is_a_part_of_its_periods(tmp_path: Path) -> None:
    (tmp_path / "cpu.stat").write_text("nr_periods 200\nnr_throttled 50\nthrottled_time 1\n")

    assert hold.throttled(tmp_path) == 0.25


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may write control groups")
def test_a_held_process_is_in_its_group_until_it_is_let_go() -> None:
    try:
        hold.means()
    except hold.CannotHoldError as error:
        pytest.skip(str(error))
    with hold.held("test", os.getpid(), 0.05) as group:
        assert str(os.getpid()) in (group / "cgroup.procs").read_text().split()
    assert not group.exists()
