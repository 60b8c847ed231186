from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.website.policy_layout import Line, Run, Unit, lay_out, read_marks
from bot.policy.documents import load_policy
from bot.policy.model import Policy

CORPUS = Path(__file__).resolve().parents[4] / "policy_corpus"


@lru_cache(maxsize=1)
def policy() -> Policy:
    return load_policy(CORPUS, "eparkrelax/privacy")


LENGTH = 7000


def lines_of(units: list[Unit]) -> list[Line]:
    found: list[Line] = []
    for unit in units:
        found += unit.lines
        found += [line for row in unit.rows for column in row.columns for line in column]
    return found


def runs_of(units: list[Unit]) -> list[Run]:
    return [run for line in lines_of(units) for run in line.runs]


def anchors_of(units: list[Unit]) -> list[str]:
    rows = [row.anchor for unit in units for row in unit.rows]
    return [anchor for anchor in [*(line.anchor for line in lines_of(units)), *rows] if anchor]


def test_every_section_has_one_anchor() -> None:
    anchors = anchors_of(lay_out(policy(), []))
    assert sorted(anchors) == sorted({section.label for section in policy().sections})


def test_the_page_says_the_policy_and_nothing_else() -> None:
    shown = ["".join(run.text for run in line.runs) for line in lines_of(lay_out(policy(), []))]
    assert shown == [policy().text[block.start : block.end] for block in policy().blocks]


def test_the_purpose_table_is_one_table_of_two_columns() -> None:
    tables = [unit for unit in lay_out(policy(), []) if unit.kind == "table"]
    assert len(tables) == 1
    assert {len(row.columns) for row in tables[0].rows} == {2}
    assert [row.is_header for row in tables[0].rows] == [True, False, False, False, False, False]


@given(st.lists(st.tuples(st.integers(0, LENGTH), st.integers(0, LENGTH)), max_size=4))
def test_marks_change_no_character_and_cover_exactly_their_range(ranges: list[tuple[int, int]]) -> None:
    marks = read_marks([f"{start}-{end}" for start, end in ranges], len(policy().text))
    units = lay_out(policy(), marks)
    assert "".join(run.text for run in runs_of(units)) == "".join(run.text for run in runs_of(lay_out(policy(), [])))
    wanted = {place for start, end in marks for place in range(start, end)}
    shown = [place for block in policy().blocks for place in range(block.start, block.end)]
    marked = "".join(run.text for run in runs_of(units) if run.is_marked)
    assert marked == "".join(policy().text[place] for place in shown if place in wanted)


@given(st.lists(st.tuples(st.integers(0, LENGTH), st.integers(0, LENGTH)), max_size=4))
def test_only_the_first_mark_is_the_one_to_scroll_to(ranges: list[tuple[int, int]]) -> None:
    marks = read_marks([f"{start}-{end}" for start, end in ranges], len(policy().text))
    marked = [run for run in runs_of(lay_out(policy(), marks)) if run.is_marked]
    assert [run.is_first for run in marked] == [place == 0 for place in range(len(marked))]


@given(st.lists(st.text(max_size=12)), st.integers(1, LENGTH))
def test_marks_are_sorted_apart_and_inside_whatever_a_link_says(values: list[str], length: int) -> None:
    marks = read_marks(values, length)
    assert all(0 <= start < end <= length for start, end in marks)
    assert all(before[1] < after[0] for before, after in pairwise(marks))


@pytest.mark.parametrize("value", ["", "5", "5-", "-5", "9-5", "5-5", "5-99999", "a-b", "５-９", "1-2-3", " 1-2"])
def test_what_is_no_range_is_left_out(value: str) -> None:
    assert read_marks([value], 100) == []


def test_overlapping_marks_become_one() -> None:
    assert read_marks(["5-9", "1-6", "20-30"], 100) == [(1, 9), (20, 30)]
