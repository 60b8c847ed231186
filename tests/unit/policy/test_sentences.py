from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policy.sentences import split_sentences

TEXTS = st.text(alphabet="あア。！？、,（）()「」『』【】 \n１2※", max_size=120)
OPENING = "（(「『【"
CLOSING = dict(zip("）)」』】", OPENING, strict=True))


def cut(text: str, limit: int = 450) -> list[str]:
    return [text[start:end] for start, end in split_sentences(text, limit=limit)]


@given(TEXTS, st.integers(1, 60))
def test_nothing_but_white_space_is_lost_and_order_is_kept(text: str, limit: int) -> None:
    ranges = split_sentences(text, limit=limit)

    assert "".join("".join(text[start:end].split()) for start, end in ranges) == "".join(text.split())
    assert all(before[1] <= after[0] for before, after in pairwise(ranges))
    assert all(0 < end - start <= limit for start, end in ranges)


@given(TEXTS)
def test_a_sentence_never_ends_inside_brackets(text: str) -> None:
    for start, end in split_sentences(text, limit=len(text) + 1):
        piece = text[start:end]
        if is_balanced(text):
            assert is_balanced(piece)


def is_balanced(text: str) -> bool:
    waiting: list[str] = []
    for character in text:
        if character in OPENING:
            waiting.append(character)
        elif character in CLOSING and (not waiting or waiting.pop() != CLOSING[character]):
            return False
    return not waiting


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("一つ。二つ。", ["一つ。", "二つ。"]),
        ("句点なし", ["句点なし"]),
        ("  \n ", []),
        ("広告（メールを含む。）のため。 尚、当社が行う。", ["広告（メールを含む。）のため。", "尚、当社が行う。"]),
        ("「はい。いいえ。」と答えます。次。", ["「はい。いいえ。」と答えます。", "次。"]),
        ("午後7時まで。 （※祝日を除きます。）次の文。", ["午後7時まで。 （※祝日を除きます。）", "次の文。"]),
        ("次のとおりです。（1）氏名（2）住所", ["次のとおりです。", "（1）氏名（2）住所"]),
        ("本当に！？はい。", ["本当に！？", "はい。"]),
        ("閉じない（括弧。次の文。", ["閉じない（括弧。", "次の文。"]),
        ("余分な）括弧。次の文。", ["余分な）括弧。", "次の文。"]),
        ("Yahoo!ニュース", ["Yahoo!ニュース"]),
    ],
)
def test_sentences_of_policies(text: str, sentences: list[str]) -> None:
    assert cut(text) == sentences


def test_only_what_is_too_long_is_cut_at_its_last_comma() -> None:
    assert cut("あいう、（え、お）、かきく、けこ。", limit=12) == ["あいう、（え、お）、", "かきく、けこ。"]
    assert cut("あいうえおかきくけこ", limit=4) == ["あいうえ", "おかきく", "けこ"]
