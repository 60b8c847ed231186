from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.evaluation.facts import covers, facts_missing, holds_every, stands_at
from tests.support.outcomes import message


def _says(fact: str, text: str) -> bool:
    return holds_every([fact], [message("answer", text)])


@pytest.mark.parametrize(
    ("fact", "text"),
    [
        ("ＳＳＬ を使用", "SSLを使用します"),
        ("株式会社まどぐち", "責任者は株式会社まどぐちです。"),
        ("株式会社まどぐち", "株式会社まどぐち代表取締役"),
        ("株式会社まどぐち", "株式会社まどぐちサービス、株式会社まどぐち"),
        ("株式会社まどぐち および関連会社", "株式会社まどぐちおよび関連会社と共同で利用します"),
        ("まどぐち株式会社", "委託先はまどぐち株式会社です"),
        ("含まれません", "住所は含まれません。"),
        ("含まれます", "住所は含まれます。"),
        ("第三者への提供", "第三者への提供の停止を求められない場合"),
        ("提供", "提供の条件は書かれていません。"),
        ("10日", "受付から10日以内"),
        ("2週間", "およそ２週間"),
        ("公開", "公開の日"),
    ],
)
def test_a_fact_is_held(fact: str, text: str) -> None:
    assert _says(fact, text)


@pytest.mark.parametrize(
    ("fact", "text"),
    [
        # Another company's longer name, at either end.
        ("株式会社まどぐち", "株式会社まどぐちサービスと共同で利用します"),
        ("株式会社まどぐち", "株式会社まどぐち＆パートナーズ"),
        ("株式会社三山", "株式会社三山商事"),
        ("まどぐち株式会社", "委託先はニューまどぐち株式会社です"),
        # A negation that is denied, and an affirmation that was cut before its negation.
        ("提供しません", "提供しませんわけではありません"),
        ("含まれません", "含まれ"),
        ("含まれ", "住所は含まれません。"),
        ("提供", "第三者に提供いたしません。"),
        ("提供", "第三者に提供することはありません。"),
        ("第三者に提供", "本人の同意なく第三者に提供しない。"),
        ("利用し", "広告には利用しておりません。"),
        ("提供", "提供はいたしません。"),
        ("提供", "提供することはできません。"),
        ("公開", "この名簿は非公開です。"),
        ("承諾", "未承諾の広告"),
        # Another number.
        ("10日", "110日以内"),
        ("2週間", "12週間"),
        ("5", "5.5年"),
        ("第1", "第12条"),
    ],
)
def test_a_fact_is_not_held_by_what_merely_looks_like_it(fact: str, text: str) -> None:
    assert not _says(fact, text)


def test_a_fact_may_run_over_several_parts_and_messages() -> None:
    said = [message("answer", "氏名", "住所"), message("request", "電話番号")]
    assert holds_every(["氏名", "氏名住所", "電話番号"], said)
    assert facts_missing(["氏名", "口座", "電話番号"], said) == ["口座"]


@given(
    st.text(alphabet="株式会社あいアイ10非公開しません。 ", min_size=1, max_size=12).filter(
        lambda text: bool(text.strip())
    )
)
def test_words_alone_hold_themselves(text: str) -> None:
    assert _says(text, text)


def test_gold_places() -> None:
    assert stands_at("2-1", ["2-1"])
    assert stands_at("2-1-口座", ["2-1"])
    assert not stands_at("2-10", ["2-1"])
    assert not stands_at("2", ["2-1"])


def test_nine_tenths_of_the_words_are_enough() -> None:
    assert covers("あいうえおかきくけこ", "xあいうえおかきくけ")
    assert covers("あいうえおかきくけこ", "いうえおかき\nくけこx")
    assert not covers("あいうえおかきくけこ", "xあいうえおかきく")
