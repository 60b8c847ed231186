from __future__ import annotations

import pytest

from actions.wishes import asks, asks_how, demands, is_wish, wants_as_it_is, wants_desk, wants_rewriting


@pytest.mark.parametrize(
    "text",
    [
        "訂正の申し込みは電話でもいいですか",
        "漏れたときは知らせてもらえますか",
        "退会したらデータは消してもらえるの？",
        "開示に費用はかかりますか",
        "兄の代わりに頼めますか",
    ],
)
def test_questions_ask(text: str) -> None:
    assert asks(text)


@pytest.mark.parametrize(
    "text",
    [
        "消してもらえますか",
        "できれば消してもらえますか",
        "もう使わないので消してくれませんか",
        "開示していただけますか",
        "ここで訂正できますか",
        "データを消してください",
        "メルマガを止めてほしい",
    ],
)
def test_wishes_do_not_ask(text: str) -> None:
    assert not asks(text)


def test_a_wish_that_asks_how_is_a_wish() -> None:
    assert is_wish("消してほしい、どうすればいい")
    assert not asks_how("消してほしい、どうすればいい")


@pytest.mark.parametrize(
    "text", ["窓口に聞いてみる", "聞いて", "じゃあ聞いてください", "その質問を窓口に送ってください"]
)
def test_short_words_take_a_question_to_the_desk(text: str) -> None:
    assert wants_desk(text)


@pytest.mark.parametrize("text", ["窓口はどこですか", "窓口に聞いたら何日で返事が来ますか", "聞いてもいいですか", ""])
def test_questions_about_the_desk_do_not(text: str) -> None:
    assert not wants_desk(text)


def test_words_are_kept_or_changed() -> None:
    assert wants_rewriting("書き直したいです")
    assert not wants_rewriting("住所の書き直しはどうすればいいですか")
    assert wants_as_it_is("このままでいいです")
    assert not wants_as_it_is("このまま登録しておくとどうなりますか")


@pytest.mark.parametrize("text", ["DMいらない", "全部消せ", "使うな", "利用を止めてもらえますか", "コピーを送って。"])
def test_a_demand_is_heard_at_the_end(text: str) -> None:
    assert demands(text)


@pytest.mark.parametrize("text", ["方法を教えてください", "売ってないだろうな", "範囲はどこまで", "消す条件"])
def test_what_only_asks_demands_nothing(text: str) -> None:
    assert not demands(text)
