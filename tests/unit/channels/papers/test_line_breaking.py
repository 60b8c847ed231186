from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.papers.line_breaking import columns, lines_of

_TEXT = st.text(alphabet="あ漢、。「」（）ー abcK261124-/. ", max_size=200)


def test_a_line_does_not_begin_with_a_full_stop() -> None:
    assert list(lines_of("ご請求を受け付けました。", 22)) == ["ご請求を受け付けまし", "た。"]


def test_a_line_does_not_end_with_an_opening_bracket() -> None:
    assert list(lines_of("方針には「二週間」", 10)) == ["方針には", "「二週間」"]


@pytest.mark.parametrize("whole", ["https://privacy.example.jp/request", "K261124-7F3K-9QXMC", "support@mitsuraku.jp"])
def test_an_address_and_a_number_stay_whole(whole: str) -> None:
    assert whole in "\n".join(lines_of(f"受付番号は{whole}です。", 12)).splitlines()[-2:][0]


def test_lines_that_a_text_has_are_kept() -> None:
    assert list(lines_of("一\n\n二", 76)) == ["一", "", "二"]


def test_width_can_be_measured_in_another_unit() -> None:
    assert list(lines_of("あいうえ", 2, len)) == ["あい", "うえ"]


@given(_TEXT)
def test_nothing_but_space_is_lost(text: str) -> None:
    assert "".join("".join(lines_of(text, 20)).split()) == "".join(text.split())


@given(st.text(alphabet="あ漢字カナ", max_size=200))
def test_no_line_is_too_wide(text: str) -> None:
    assert all(columns(line) <= 20 for line in lines_of(text, 20))
