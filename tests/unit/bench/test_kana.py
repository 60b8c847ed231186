"""A question without its kanji keeps everything else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.kana import in_kana


@pytest.mark.parametrize(
    ("text", "spelt"),
    [
        ("カメラの録画は何日で消えますか？", "かめらのろくがはなんにちできえますか?"),
        ("Cookieって退会したら消してくれる😟", "Cookieってたいかいしたらけしてくれる😟"),
        ("ア列とB列", "アれつとBれつ"),
    ],
)
def test_kanji_and_words_in_katakana_are_spelt_out(text: str, spelt: str) -> None:
    assert in_kana(text) == spelt


@given(st.text(alphabet="あのをはab1?。、😟", max_size=40))
def test_what_has_neither_stays_as_it_is(text: str) -> None:
    assert in_kana(text) == text
