from __future__ import annotations

import pytest

from bot.policy.importing.escaping import escaped, escaped_line


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("1. 目的", r"1\. 目的"),
        ("1) 目的", r"1\) 目的"),
        ("1.5倍", "1.5倍"),
        ("- 目的", r"\- 目的"),
        (": 目的", r"\: 目的"),
        ("目的: a-b", "目的: a-b"),
        ("a_b*c|d<e>&f;#", r"a\_b\*c\|d\<e\>\&f;\#"),
        ("改行\n 　と空白", "改行 と空白"),
        ("社⾧", "社⾧"),
    ],
)
def test_only_what_a_reader_would_take_for_markup_is_escaped(text: str, written: str) -> None:
    assert escaped_line(text) == written


def test_no_block_begins_inside_a_heading() -> None:
    assert escaped("1. 目的") == "1. 目的"
