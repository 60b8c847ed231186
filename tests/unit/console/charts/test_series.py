from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.console.charts.series import Chart, Series, bars, lines

NAMES = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=8)
NUMBERS = st.one_of(st.none(), st.integers(0, 10_000_000), st.floats(0, 500, allow_nan=False))


@st.composite
def charts(draw: st.DrawFn) -> Chart:
    places = draw(st.integers(1, 90))
    rows = st.lists(NUMBERS, min_size=places, max_size=places)
    series = draw(st.lists(st.builds(Series, NAMES, st.just("a"), rows), min_size=1, max_size=3))
    labels = draw(st.lists(NAMES, min_size=places, max_size=places))
    return Chart("c", draw(NAMES), "件", labels, series, draw(st.one_of(st.none(), st.just(14.0))), "2週間")


def read(drawn: str) -> ET.Element:
    return ET.fromstring(drawn)  # noqa: S314 - our own


@given(charts())
def test_whatever_is_drawn_is_whole_and_has_no_style_of_its_own(chart: Chart) -> None:
    for drawn in (bars(chart), lines(chart)):
        tree = read(drawn)
        assert tree.find("title") is not None
        assert tree.find("desc") is not None
        assert all("style" not in each.attrib and each.tag not in ("style", "script") for each in tree.iter())


@given(charts())
def test_nothing_is_drawn_outside_of_the_picture(chart: Chart) -> None:
    for each in read(bars(chart)).iter("rect"):
        x, y, width, height = (float(each.attrib[name]) for name in ("x", "y", "width", "height"))
        assert -0.1 <= x <= x + width <= 720.1
        assert -0.1 <= y <= y + height <= 220.1


def test_bars_stand_on_top_of_each_other() -> None:
    chart = Chart("c", "題", "件", ["一"], [Series("上", "a", [1]), Series("下", "b", [3])])
    low, high = read(bars(chart)).iter("rect")

    assert float(high.attrib["y"]) + float(high.attrib["height"]) == pytest.approx(float(low.attrib["y"]), abs=0.2)
    assert float(high.attrib["height"]) == pytest.approx(3 * float(low.attrib["height"]), abs=0.3)


def test_a_line_is_broken_where_nothing_is_known() -> None:
    chart = Chart("c", "題", "日", list("abcd"), [Series("中央値", "a", [1, 2, None, 4])])
    tree = read(lines(chart))

    assert len([each for each in tree.iter("line") if "chart__line" in each.attrib["class"]]) == 1
    assert len(list(tree.iter("circle"))) == 3


def test_words_are_words_and_never_markup() -> None:
    chart = Chart("c", "<script>", "件", ["<b>"], [Series("&", "a", [1])])

    assert "<script>" not in bars(chart)
    assert "<b>" not in bars(chart)


def test_who_does_not_see_it_hears_the_totals() -> None:
    chart = Chart("c", "題", "件", ["11/01", "11/02"], [Series("ウェブ", "a", [1, 2]), Series("LINE", "b", [0, 5])])

    assert chart.description == "11/01から11/02まで。ウェブは合計3件、LINEは合計5件。"


@given(st.integers(1, 10**7))
def test_counts_have_an_axis_of_whole_numbers_that_reaches_them(count: int) -> None:
    chart = Chart("c", "題", "件", ["一"], [Series("一", "a", [count])])
    axis = [each.text or "" for each in read(bars(chart)).iter("text")][:5]

    assert all("." not in each for each in axis)
    assert count <= int(axis[-1].replace(",", "")) <= max(4, 2 * count)
