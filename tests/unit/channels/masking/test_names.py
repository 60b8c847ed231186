from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.names import HALVES, PLACEHOLDER, false_masks, questions, recall, sentences
from bot.channels.masking.mask import mask, personal_data
from bot.channels.masking.names import SORT

# A little below what `python -m bench.names` prints.
LEAST_RECALL = {"build": 0.95, "held_out": 0.91}
MOST_FALSE = 0.02
_PLAIN = "会員の情報はどこに残りますか。 \nAaｶﾞ１"
_NAMES = ("山田太郎", "佐藤　花子", "鈴木 一郎", "ﾔﾏﾀﾞ ﾀﾛｳ", "小鳥遊六花", "髙橋美咲")


@pytest.mark.parametrize(
    ("typed", "masked"),
    [
        ("山田太郎です", "［お名前］です"),
        ("山田と申します", "［お名前］と申します"),
        ("私、佐藤花子の情報を開示して", "私、［お名前］の情報を開示して"),
        ("名前は スズキイチロウ です", "名前は ［お名前］ です"),
        ("氏名：渡辺　直樹", "氏名：［お名前］"),
        ("Taro Yamada です", "［お名前］ です"),
        ("My name is Hanako Sato.", "My name is ［お名前］."),
        ("やまだたろうといいます", "［お名前］といいます"),
        ("田中さんと鈴木様に頼んだ", "［お名前］さんと［お名前］様に頼んだ"),
        ("山田太郎（ヤマダタロウ）です", "［お名前］（［お名前］）です"),
        ("ﾔﾏﾀﾞ ﾀﾛｳと申します", "［お名前］と申します"),
        ("川崎と申します", "［お名前］と申します"),
        ("髙橋さんに", "［お名前］さんに"),
        ("田中太郎です。090-1234-5678まで", "［お名前］です。［電話番号］まで"),
        ("一行目\n山田花子の予約", "一行目\n［お名前］の予約"),
    ],
)
def test_a_name_is_replaced_and_what_stands_around_it_is_not(typed: str, masked: str) -> None:
    assert mask(typed).text == masked
    assert "お名前" in mask(typed).sorts


@pytest.mark.parametrize(
    "typed",
    [
        "川崎の店で登録しました",
        "川崎です",
        "名前は必須ですか",
        "名前は韓国に送られますか",
        "店員さんに聞きました",
        "LINEさんにも渡すのですか",
        "株式会社EPARKと共同利用しますか",
        "三井住友銀行の口座",
        "さくら色のネイル",
        "代理人として請求します",
        "いつまで残しておくんですか",
        "関係者と申します",
        "［お名前］です。［お名前］さんの件",
    ],
)
def test_words_that_only_look_like_names_stay(typed: str) -> None:
    assert mask(typed).text == typed


def test_names_that_the_policy_prints_stay_with_their_surname_alone_too() -> None:
    spared = personal_data("代表取締役社長 押切 孝平\n個人情報保護管理者：管理部長 白石真帆")
    for typed in ("押切孝平さんに", "押切さんは誰ですか", "白石　真帆の役職は", "白石さんに直接話したい"):
        assert mask(typed, spared=spared).text == typed
    assert mask("押切太郎です", spared=spared).text == "［お名前］です"


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("山田太郎です。予約履歴は何に使いますか", "予約履歴は何に使いますか"),
        ("私、佐藤花子と申しますが、開示をお願いします", "開示をお願いします"),
        ("開示をお願いします。　鈴木一郎", "開示をお願いします。"),
        ("佐藤花子の情報を開示して", "［お名前］の情報を開示して"),
        ("山田太郎です。", "［お名前］です。"),
        ("メールは a@example.jp です。", "メールは ［メールアドレス］ です。"),
    ],
)
def test_what_is_asked_does_without_who_asks(typed: str, asked: str) -> None:
    assert mask(typed).asked == asked


@pytest.mark.parametrize("half", HALVES)
def test_nearly_every_name_is_masked_and_nearly_nothing_else(half: str) -> None:
    assert (recall(sentences(half, "named")).value or 0) >= LEAST_RECALL[half]
    assert (false_masks(sentences(half, "named")).value or 0) <= MOST_FALSE
    assert (false_masks(sentences(half, "plain")).value or 0) <= MOST_FALSE


def test_the_questions_of_the_repository_keep_their_words() -> None:
    assert {text for _, text in questions() if SORT in mask(text).sorts} == {
        # A member's own name, and somebody else's.
        "ダニエルと申します。日本語すこし。わたしのデータ、ほかの会社にあげる、だめです。とめてください。",
        "田中さんの電話番号を調べて",
    }


@given(st.text(alphabet=_PLAIN, max_size=30), st.sampled_from(_NAMES), st.text(alphabet=_PLAIN, max_size=30))
def test_what_stands_around_a_name_stays_to_the_character(before: str, name: str, after: str) -> None:
    masked = mask(f"{before}\n{name}と申します。\n{after}").text
    assert masked.split("\n")[before.count("\n") + 1] == f"{PLACEHOLDER}と申します。"
    assert masked == f"{mask(before).text}\n{PLACEHOLDER}と申します。\n{mask(after).text}"


@given(st.text(max_size=200))
def test_what_stays_are_exact_pieces_of_what_was_typed(typed: str) -> None:
    place = 0
    for piece in mask(typed).text.split(PLACEHOLDER):
        assert piece in typed[place:] or "［" in piece
        place = typed.find(piece, place) + len(piece)


@pytest.mark.parametrize("half", HALVES)
def test_masking_twice_masks_no_more(half: str) -> None:
    for row in sentences(half, "named"):
        assert mask(row.masked).text == row.masked
