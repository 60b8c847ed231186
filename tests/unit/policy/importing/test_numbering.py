from __future__ import annotations

import pytest

from bot.policy.importing.markers import markers_at, places_inside
from bot.policy.importing.numbering import Numbering, Place


def depths(lines: list[str], *, is_strict: bool = False) -> list[int]:
    numbering = Numbering()
    placed = [numbering.place(markers_at(line, 0, len(line)), is_strict=is_strict) for line in lines]
    return [len(place.path) if place else 0 for place in placed]


@pytest.mark.parametrize(
    ("text", "style", "value"),
    [
        ("【２】概要", "【1】", 2),
        ("第十二条（目的）", "第1条", 12),
        ("第３条 目的", "第1条", 3),
        ("１２．目的", "1.", 12),
        ("2.3 目的", "1.1", 3),
        ("１－２．目的", "1-1", 2),
        ("2.3.4 目的", "1.1.1", 4),
        ("（３） 目的", "(1)", 3),
        ("(三)目的", "(一)", 3),
        ("⑳目的", "①", 20),
        ("二十一、目的", "一、", 21),
        ("Ⅳ 目的", "Ⅰ", 4),
        ("IV. 目的", "I.", 4),
        ("C. 目的", "A.", 3),
        ("（ウ） 目的", "(ア)", 3),
        ("カ．目的", "ア.", 6),
        ("ｳ）目的", "ア.", 3),
        ("７ 目的", "1 ", 7),
        ("18)目的", "1)", 18),
    ],
)
def test_printed_numbers_are_read(text: str, style: str, value: int) -> None:
    assert (style, value) in {(marker.style, marker.value) for marker in markers_at(text, 0, len(text))}


@pytest.mark.parametrize(
    "text",
    [
        *(
            "第3条に定める目的",
            "第1条第2項の",
            "第2条、第3条",
            "2024.4.1 制定",
            "3.14倍",
            "1,000円",
            "12時から",
            "U.S. の法律",
            "カメラ",
            "A社",
        ),
    ],
)
def test_numbers_of_sentences_are_none(text: str) -> None:
    assert markers_at(text, 0, len(text)) == ()


def test_a_style_that_appears_inside_another_is_below_it() -> None:
    assert depths(["第1条 甲", "1. a", "(1) b", "(2) c", "2. d", "第2条 乙", "1. e"]) == [1, 2, 3, 3, 2, 1, 2]


def test_iroha_counts_too() -> None:
    assert depths(["1. a", "イ、b", "ロ、c", "ハ、d", "2. e"]) == [1, 2, 2, 2, 1]


def test_articles_count_on_over_chapters() -> None:
    assert depths(["第1章 甲", "第1条 a", "第2条 b", "第2章 乙", "第3条 c"], is_strict=True) == [1, 2, 2, 1, 2]


def test_a_number_that_does_not_count_on_is_none_inside_a_line() -> None:
    assert depths(["1. a", "3. b", "2. c"], is_strict=True) == [1, 0, 1]


def placed(lines: list[str]) -> list[Place | None]:
    numbering = Numbering()
    return [numbering.place(markers_at(line, 0, len(line)), is_strict=False) for line in lines]


def test_odd_numbers_at_the_start_of_lines_are_told() -> None:
    faults = [place.fault for place in placed(["1. a", "3. b", "1. c", "2. d"]) if place]

    assert faults == ["", "the numbering jumps from 1 to 3", "the numbering starts again", ""]


def test_paragraphs_may_begin_with_the_second() -> None:
    _, second = placed(["第1条 甲", "２　乙"])

    assert second is not None
    assert (len(second.path), second.fault) == (2, "the numbering begins with 2")


def test_places_inside_a_line_are_neither_in_words_nor_in_dates() -> None:
    text = "守ります。2. 委託 東京都1-2-3 2024年 は(1)発送 ため(2)連絡"

    assert [found[0].value for found in places_inside(text, 0, len(text))] == [2, 2]
