"""A named place ends the process that was started to die there, and no other."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bot.crash_points import KILLED_STATUS, VARIABLE, Armed, CrashPoint, crash_point, is_armed, read_armed

_PASSES = """
from bot.crash_points import CrashPoint, crash_point
for time in range(1, 4):
    crash_point(CrashPoint.RASA_BEFORE_CALL)
    crash_point(CrashPoint.FILING_BEGUN)
    print(time, flush=True)
"""


def passed(crash_at: str) -> tuple[int, list[str]]:
    done = subprocess.run(
        [sys.executable, "-c", _PASSES],
        env=os.environ | {VARIABLE: crash_at},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout.split()


def test_a_process_dies_where_it_was_told_to_and_at_the_time_it_was_told() -> None:
    assert passed("filing:begun") == (KILLED_STATUS, [])
    assert passed("filing:begun:3") == (KILLED_STATUS, ["1", "2"])
    assert passed("filing:before-commit") == (0, ["1", "2", "3"])


def test_without_the_variable_a_place_does_nothing() -> None:
    assert read_armed({}) is None
    assert not is_armed()
    for point in CrashPoint:
        crash_point(point)


def test_what_is_set_is_read_with_its_time() -> None:
    assert read_armed({VARIABLE: "sending:before-mark"}) == Armed(CrashPoint.SENDING_BEFORE_MARK)
    assert read_armed({VARIABLE: "sending:before-mark:12"}) == Armed(CrashPoint.SENDING_BEFORE_MARK, 12)


@pytest.mark.parametrize("spelt", ["nowhere", "filing:nowhere", "filing:begun:0", "filing:begun:x"])
def test_a_place_that_is_none_is_no_proof(spelt: str) -> None:
    with pytest.raises(ValueError):
        read_armed({VARIABLE: spelt})


def test_every_place_stands_in_the_product_exactly_once() -> None:
    sources = [path.read_text("utf-8") for folder in ("bot", "actions") for path in Path(folder).rglob("*.py")]
    called = re.findall(r"crash_point\(CrashPoint\.(\w+)\)", "\n".join(sources))
    assert sorted(called) == sorted(point.name for point in CrashPoint)
