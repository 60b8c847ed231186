from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.console.talks.veil import HIDDEN, veiled, without_numbers


@pytest.mark.parametrize(
    ("said", "gone"),
    [
        ("電話は03-1234-5678です", "5678"),
        ("生年月日は１９９０年５月３日です", "１９９０"),
        ("会員番号は4821993です", "4821993"),
        ("taro@example.jp に送って", "taro"),
        ("口座は1,234,567円", "567"),
        ("山田太郎です。消してください", "山田太郎"),
    ],
)
def test_what_may_be_of_a_person_is_not_shown(said: str, gone: str) -> None:
    assert gone not in veiled(said)


def test_what_is_asked_stays_readable() -> None:
    assert veiled("クッキーは使っていますか？") == "クッキーは使っていますか？"
    assert veiled("2週間で返事が来ますか") == f"{HIDDEN}週間で返事が来ますか"


def test_what_the_policy_prints_stays() -> None:
    assert veiled("support@example.jp とは？", frozenset({"support@example.jp"})) == "support@example.jp とは？"


def test_a_receipt_number_is_hidden_as_a_whole() -> None:
    assert without_numbers("受付番号 K261126-AB12-CD34E") == f"受付番号 {HIDDEN}"


@given(st.text(max_size=60))
def test_no_digit_is_left(text: str) -> None:
    assert not re.search(r"\d", veiled(text))
