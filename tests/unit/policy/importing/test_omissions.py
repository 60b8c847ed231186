from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.policy.importing.omissions import words_for


def test_words_grow_until_they_find_the_range() -> None:
    text = "ホーム 会社概要 採用情報 ホーム 会社概要 お問い合わせ"
    start = text.rindex("ホーム")

    said, unsayable = words_for(text, [(start, len(text))])

    assert said == [("ホーム 会社概要 お問い", "会社概要 お問い合わせ")]
    assert unsayable == []


def test_a_range_whose_words_stand_before_it_cannot_be_said() -> None:
    text = "戻る 当社は守ります。 戻る"

    assert words_for(text, [(text.rindex("戻る"), len(text))]) == ([], [(text.rindex("戻る"), len(text))])


@given(text=st.text("あい \n", min_size=1, max_size=60), cut=st.tuples(st.integers(0, 59), st.integers(1, 60)))
def test_every_range_is_said_or_given_back(text: str, cut: tuple[int, int]) -> None:
    start, end = cut[0], min(cut[0] + cut[1], len(text))
    if start >= end or text[start].isspace() or text[end - 1].isspace():
        return

    said, unsayable = words_for(text, [(start, end)])

    assert len(said) + len(unsayable) == 1
