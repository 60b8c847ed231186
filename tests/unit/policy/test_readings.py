from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policy.everyday import open_everyday
from bot.policy.lexical import open_analyzer
from bot.policy.model import Policy
from bot.policy.readings import Readings


@pytest.fixture(scope="module")
def readings(policy: Policy) -> Readings:
    texts = [f"{passage.heading} {passage.text}" for passage in policy.passages]
    return Readings([*texts, *open_everyday().texts], open_analyzer())


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("かいじしてほしい", "開示してほしい"),
        ("かいじせいきゅうのやり方", "開示請求のやり方"),
        ("青球したい", "請求したい"),
        ("よそに提共してる?", "よそに提供してる?"),
        ("利用黙的は", "利用目的は"),
        ("くっきーは使う", "クッキーは使う"),
        ("ぽいんとの扱い", "ポイントの扱い"),
        ("きょうどうりようって何", "共同利用って何"),
        ("プライバシポリシーを見たい", "プライバシーポリシーを見たい"),
        ("保菅期間は", "保管期間は"),
    ],
)
def test_a_slip_is_mended_by_its_reading(readings: Readings, typed: str, meant: str) -> None:
    assert readings.mended(typed) == meant


@pytest.mark.parametrize(
    "text",
    [
        "入れないようにしていますか",
        "登録していないのに届く",
        "どうすればいいんですか",
        "流したでしょう",
        "天気を知りたい",
        "髪を切りたいのですが",
        "期間と機関は別ですか",
        "ばいばい、またね",
        "開示の請求",
        "",
    ],
)
def test_ordinary_words_are_left_alone(readings: Readings, text: str) -> None:
    assert readings.mended(text) == text


def test_only_words_of_the_policy_or_the_map_are_meant() -> None:
    bare = Readings(["口座の番号"], open_analyzer())
    assert bare.mended("かいじのこうざ") == "かいじの口座"


@given(st.text(alphabet="かいじせうりよもくてきはのを青球提共利用黙的ー？ ", max_size=40))
def test_slips_lie_in_the_text_in_order_and_apart(readings: Readings, text: str) -> None:
    slips = readings.slips(text)
    edges = [edge for slip in slips for edge in (slip.start, slip.end)]
    assert edges == sorted(edges)
    assert all(slip.start < slip.end <= len(unicodedata.normalize("NFKC", text)) for slip in slips)
