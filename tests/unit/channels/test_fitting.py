from hypothesis import given
from hypothesis import strategies as st

from bot.channels.fitting import graphemes, shorten, split, utf16_units

FAMILY = "👨‍👩‍👧‍👦"
VARIANT = "葛\U000e0100"


@given(st.text(max_size=200), st.integers(min_value=2, max_value=20))
def test_pieces_join_to_the_text_and_fit(text: str, limit: int) -> None:
    pieces = split(text, limit, measure=utf16_units)
    assert "".join(pieces) == text
    assert all(0 < utf16_units(piece) <= limit for piece in pieces)


@given(st.lists(st.sampled_from([FAMILY, VARIANT, "か\u3099", "🇯🇵", "個", "\n"]), max_size=30))
def test_no_grapheme_is_cut(clusters: list[str]) -> None:
    text = "".join(clusters)
    pieces = split(text, 12, measure=utf16_units)
    assert [cluster for piece in pieces for cluster in graphemes(piece)] == graphemes(text)


def test_a_surrogate_pair_counts_two() -> None:
    assert utf16_units("🍎個") == 3


def test_a_tower_of_marks_is_cut_between_code_points() -> None:
    tower = "a" + "\u0301" * 20
    assert split(tower, 8) == [tower[:8], tower[8:16], tower[16:]]


def test_a_piece_ends_after_a_line_break_of_its_second_half() -> None:
    assert split("一二三四五\n六七八九", 8) == ["一二三四五\n", "六七八九"]


def test_a_line_break_in_the_first_half_does_not_waste_a_piece() -> None:
    assert split("一\n三四五六七八九", 8) == ["一\n三四五六七八", "九"]


def test_shorten_counts_what_a_reader_sees() -> None:
    title = FAMILY * 20
    assert shorten(title, 20) == title
    assert shorten(title + "個", 20) == FAMILY * 19 + "…"
